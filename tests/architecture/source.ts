/** A module as the rules see it. Lines are counted from 1. */
export interface Source {
  /** From the root of the project, as `lib/room/room.ts`. */
  readonly path: string;
  readonly imports: readonly Import[];
  /** What its top level declares: values and types, and imports under a name of their own. */
  readonly declared: readonly Name[];
  /**
   * Names that are used and declared nowhere in the module. Scopes are not followed: a name that one
   * function declares hides the global of that name in the others.
   */
  readonly free: readonly Name[];
}

export interface Import {
  /** From the root for a module of the project; as it is written for anything else. */
  readonly to: string;
  readonly line: number;
  /** Whether it is a module of the project. */
  readonly own: boolean;
  /** Whether it is loaded when the program gets there, and not before it begins. */
  readonly dynamic: boolean;
}

export interface Name {
  readonly name: string;
  readonly line: number;
}

/** An import whose specifier is computed, so that nothing can be said of it. */
export const COMPUTED = "(computed)";

// The runtime's parser gives nodes of many shapes; what is read of them is checked as it is read.
type Node = { readonly type: string; readonly [key: string]: unknown };

/** Reads one module: its static and dynamic imports, of types too, and its names. */
export function parseSource(path: string, text: string): Source {
  const reader = new SourceReader(path, text);
  const rule: Deno.lint.Rule = { create: () => ({ Program: (program) => reader.read(program) }) };
  Deno.lint.runPlugin({ name: "architecture", rules: { read: rule } }, path, text);
  return reader.source();
}

class SourceReader {
  readonly #path: string;
  readonly #lineAt: (offset: number) => number;
  readonly #imports: Import[] = [];
  readonly #declared: Name[] = [];
  readonly #bound = new Set<string>();
  readonly #used: Name[] = [];
  #complete = false;

  constructor(path: string, text: string) {
    this.#path = path;
    const starts = [...text.matchAll(/\n/g)].map(({ index }) => index + 1);
    this.#lineAt = (offset) => 1 + starts.filter((start) => start <= offset).length;
  }

  source(): Source {
    if (!this.#complete) throw new Error(`${this.#path} was not parsed`);
    const free = this.#used.filter(({ name }) => !this.#bound.has(name));
    return { path: this.#path, imports: this.#imports, declared: this.#declared, free };
  }

  read(program: unknown): void {
    const body = childrenOf(program as Node);
    for (const statement of body) this.#declare(statement);
    for (const statement of body) this.#walk(statement);
    this.#complete = true;
  }

  /** The names that a statement of the top level declares. */
  #declare(statement: Node): void {
    if (statement.type === "ImportDeclaration") {
      for (const part of nodes(statement["specifiers"])) {
        const local = part["local"] as Node;
        const imported = part["imported"] as Node | undefined;
        if (nameOf(local) !== (imported && nameOf(imported))) this.#add(this.#declared, local);
      }
      return;
    }
    const declaration = isNode(statement["declaration"]) ? statement["declaration"] : statement;
    if (declaration.type === "VariableDeclaration") {
      for (const { id } of nodes(declaration["declarations"])) {
        for (const name of boundBy(id as Node)) this.#add(this.#declared, name);
      }
    } else if (/^(Function|Class|TSInterface|TSTypeAlias|TSEnum)/.test(declaration.type)) {
      // `declare global` and `declare module` add to something that is there.
      if (isNode(declaration["id"])) this.#add(this.#declared, declaration["id"]);
    }
  }

  #walk(node: Node): void {
    this.#import(node);
    for (const name of bindingsOf(node)) this.#bound.add(nameOf(name));
    const names = namesOnly(node);
    for (const child of childrenOf(node)) {
      if (names.has(child)) continue;
      if (child.type === "Identifier") this.#add(this.#used, child);
      this.#walk(child);
    }
  }

  #import(node: Node): void {
    const from = sourceOf(node);
    if (from === undefined) return;
    const value = isNode(from) && from.type === "Literal" ? from["value"] : undefined;
    const line = this.#lineAt(offsetOf(node));
    const dynamic = node.type === "ImportExpression";
    const to = typeof value === "string" ? value : COMPUTED;
    const own = /^\.\.?\//.test(to);
    const path = own ? new URL(to, `file:///${this.#path}`).pathname.slice(1) : to;
    this.#imports.push({ to: path, line, own, dynamic });
  }

  #add(list: Name[], identifier: Node): void {
    list.push({ name: nameOf(identifier), line: this.#lineAt(offsetOf(identifier)) });
  }
}

/** Where a node imports from, if it is one that imports. */
function sourceOf(node: Node): unknown {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "ImportExpression":
      return node["source"];
    case "ExportNamedDeclaration":
      return node["source"] ?? undefined;
    case "TSImportType": {
      const argument = node["argument"] as Node;
      return argument.type === "TSLiteralType" ? argument["literal"] : argument;
    }
    default:
      return undefined;
  }
}

/** The identifiers by which a node declares something, in whatever scope. */
function bindingsOf(node: Node): Node[] {
  switch (node.type) {
    case "VariableDeclarator":
      return boundBy(node["id"] as Node);
    case "CatchClause":
      return isNode(node["param"]) ? boundBy(node["param"]) : [];
    case "ImportSpecifier":
    case "ImportDefaultSpecifier":
    case "ImportNamespaceSpecifier":
      return [node["local"] as Node];
    case "TSTypeParameter":
      return isNode(node["name"]) ? [node["name"]] : [];
  }
  const params = nodes(node["params"]).flatMap(boundBy);
  const declares = /^(Function|Class|TSInterface|TSTypeAlias|TSEnum)/.test(node.type);
  return declares && isNode(node["id"]) ? [node["id"], ...params] : params;
}

/** The identifiers of a pattern. */
function boundBy(pattern: Node): Node[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern];
    case "ObjectPattern":
      return nodes(pattern["properties"]).flatMap(boundBy);
    case "Property":
      return boundBy(pattern["value"] as Node);
    case "ArrayPattern":
      return nodes(pattern["elements"]).flatMap(boundBy);
    case "AssignmentPattern":
      return boundBy(pattern["left"] as Node);
    case "RestElement":
      return boundBy(pattern["argument"] as Node);
    case "TSParameterProperty":
      return boundBy(pattern["parameter"] as Node);
    default:
      return [];
  }
}

/** The children of a node that only name something of it: a member, a key, what is imported. */
function namesOnly(node: Node): Set<unknown> {
  const names = new Set<unknown>();
  if (node["computed"] !== true) {
    if (node.type === "MemberExpression") names.add(node["property"]);
    if (node.type !== "Property" || node["shorthand"] !== true) names.add(node["key"]);
  }
  if (/^(Import|Export)\w*Specifier$/.test(node.type)) {
    for (const key of ["imported", "exported", "local"]) names.add(node[key]);
  }
  if (node.type === "TSQualifiedName") names.add(node["right"]);
  if (node.type === "TSImportType") names.add(node["qualifier"]);
  if (/^TS(EnumMember|ModuleDeclaration)$/.test(node.type)) names.add(node["id"]);
  if (node.type === "TSNamedTupleMember") names.add(node["label"]);
  if (/^(Labeled|Break|Continue)Statement$/.test(node.type)) names.add(node["label"]);
  return names;
}

/** The keys of a node that do not lead to a child of it. */
const NOT_CHILDREN = new Set(["parent", "range", "type", "loc"]);

function childrenOf(node: Node): Node[] {
  const keys: string[] = [];
  // Not Object.keys: most of a node's properties are inherited.
  for (const key in node) if (!NOT_CHILDREN.has(key)) keys.push(key);
  return keys.flatMap((key) => isNode(node[key]) ? [node[key]] : nodes(node[key]));
}

function nodes(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value &&
    typeof value.type === "string";
}

function nameOf(identifier: Node): string {
  return String(identifier["name"]);
}

function offsetOf(node: Node): number {
  return (node["range"] as [number, number])[0];
}
