import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";
import { h } from "../base/dom.ts";

/** A piece of code and what it is in its language; the root has no kind of its own. */
interface Piece {
  readonly type: string;
  readonly value?: string;
  readonly properties?: { readonly className?: unknown };
  readonly children?: readonly Piece[];
}

/** This module is large, and loaded when the first block of code that names its language is shown. */
const lowlight = createLowlight({
  ...{ bash, c, cpp, csharp, css, diff, go, ini, java, javascript, json, kotlin, php, python },
  ...{ ruby, rust, sql, swift, typescript, xml, yaml },
});

/**
 * The code as nodes, each kind of piece in a class (`hljs-keyword`); undefined for a language that
 * is not known. The text of the nodes is the code.
 */
export function colour(code: string, language: string): (Node | string)[] | undefined {
  if (!lowlight.registered(language)) return undefined;
  return lowlight.highlight(language, code).children.map((piece) => nodeOf(piece as Piece));
}

function nodeOf({ value = "", properties, children }: Piece): Node | string {
  if (!children) return value;
  const { className } = properties ?? {};
  return h("span", { class: [className].flat().join(" ") }, ...children.map(nodeOf));
}
