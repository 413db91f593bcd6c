// The hub of gorilla/websocket's chat example: a goroutine and a channel for each client, and what
// waits in the channel goes out as one frame. Unlike the example it waits where a channel is full
// instead of dropping the client: with 64 in flight half of the readers would be gone.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

type entry struct {
	Type string `json:"type"`
	Seq  int    `json:"seq"`
	At   int64  `json:"at"`
	From string `json:"from"`
	Text string `json:"text"`
}

type client struct {
	conn *websocket.Conn
	send chan []byte
}

var (
	clients    = make(map[*client]bool)
	broadcast  = make(chan []byte)
	register   = make(chan *client)
	unregister = make(chan *client)
	// A frame is cut and written where the buffer is full. From a pool, large ones cost nothing.
	upgrader = websocket.Upgrader{
		ReadBufferSize:  1024,
		WriteBufferSize: 32768,
		WriteBufferPool: &sync.Pool{},
	}
)

func run() {
	seq := 0
	drop := func(c *client) {
		if clients[c] {
			delete(clients, c)
			close(c.send)
		}
	}
	for {
		select {
		case c := <-register:
			clients[c] = true
		case c := <-unregister:
			drop(c)
		case text := <-broadcast:
			seq++
			line, _ := json.Marshal(entry{"message", seq, time.Now().UnixMilli(), "ann", string(text)})
			for c := range clients {
				c.send <- line
			}
		}
	}
}

func (c *client) readPump() {
	defer func() {
		unregister <- c
		c.conn.Close()
	}()
	c.conn.SetReadLimit(16384)
	for {
		_, text, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		broadcast <- text
	}
}

func (c *client) writePump() {
	defer func() {
		c.conn.Close()
		for range c.send { // so that the hub never waits for one that is gone
		}
	}()
	for line := range c.send {
		w, err := c.conn.NextWriter(websocket.TextMessage)
		if err != nil {
			return
		}
		w.Write(line)
		for n := len(c.send); n > 0; n-- {
			w.Write([]byte{'\n'})
			w.Write(<-c.send)
		}
		if err := w.Close(); err != nil {
			return
		}
	}
}

func main() {
	go run()
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		c := &client{conn: conn, send: make(chan []byte, 256)}
		register <- c
		go c.writePump()
		go c.readPump()
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("http://%s/\n", listener.Addr())
	panic(http.Serve(listener, nil))
}
