#!/bin/sh
# Makes the certificates that the tests use, for names of this machine only: an authority, and two
# pairs that it has signed.
set -e
cd "$(dirname "$0")"
ec='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
openssl req -x509 $ec -keyout ca.key -out ca.pem -days 36500 -subj '/CN=Tests of Partyline'
for name in first second; do
  openssl req $ec -keyout $name.key -out $name.csr -subj "/CN=$name"
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n' > extensions
  openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 36500 \
    -out $name.pem -extfile extensions
done
rm -f ca.key ca.srl ./*.csr extensions
