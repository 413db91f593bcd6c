/** A change to one place of a module, in UTF-16 units. */
export interface Mutation {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

type Node = Deno.lint.Node;

/**
 * A plugin of `deno lint` that reports every place where a small mutation can be made, as a Mutation in
 * JSON: the runtime's own parser is reachable from outside in no other way.
 */
export default {
  name: "mutations",
  rules: {
    places: {
      create(context) {
        const textOf = (node: Node) => context.sourceCode.getText(node);
        const report = (kind: string, [start, end]: Deno.lint.Range, text: string) => {
          const mutation: Mutation = { kind, start, end, text };
          context.report({ range: [start, end], message: JSON.stringify(mutation) });
        };
        const drop = (node: Node) => report("statement dropped", node.range, ";");
        const negate = (node: Node) =>
          report("condition negated", node.range, `!(${textOf(node)})`);
        return {
          ExpressionStatement: drop,
          ThrowStatement: drop,
          ContinueStatement: drop,
          ReturnStatement(node) {
            if (node.argument === null) drop(node);
          },
          IfStatement: (node) => negate(node.test),
          ConditionalExpression: (node) => negate(node.test),
          WhileStatement: (node) => negate(node.test),
          Literal(node) {
            const parent: Node = node.parent;
            if (parent.type === "TSLiteralType") return; // it is no value
            const { value } = node;
            if (typeof value === "boolean") report("yes and no", node.range, String(!value));
            if (typeof value === "number") {
              report("number changed", node.range, value === 0 ? "1" : `(2 * ${textOf(node)})`);
            }
          },
          CallExpression({ arguments: args }) {
            const last = args.at(-1);
            if (last === undefined) return;
            const start = args.at(-2)?.range[1] ?? last.range[0];
            report("argument dropped", [start, last.range[1]], "");
          },
        };
      },
    },
  },
} satisfies Deno.lint.Plugin;
