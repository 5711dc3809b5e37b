// Lists the syntax of a CloudFront Function that AWS does not document for cloudfront-js-2.0, a line each.
// Reads the code from standard input. Run by edge_syntax.py with --expose-internals: the parser is the one in Node.js.
const acorn = require("internal/deps/acorn/acorn/dist/acorn");
const walk = require("internal/deps/acorn/acorn-walk/dist/walk");

// ECMAScript 5.1, then what AWS lists beside it. A ChainExpression is the parent of "?.", which is reported itself.
const DOCUMENTED = new Set(
  `ArrayExpression AssignmentExpression BinaryExpression BlockStatement BreakStatement CallExpression CatchClause
  ConditionalExpression ContinueStatement DoWhileStatement EmptyStatement ExpressionStatement ForInStatement
  ForStatement FunctionDeclaration FunctionExpression Identifier IfStatement LabeledStatement Literal
  LogicalExpression MemberExpression NewExpression ObjectExpression Program Property ReturnStatement
  SequenceExpression SwitchCase SwitchStatement ThisExpression ThrowStatement TryStatement UnaryExpression
  UpdateExpression VariableDeclaration VariableDeclarator WhileStatement
  ArrowFunctionExpression AwaitExpression ChainExpression ImportDeclaration ImportDefaultSpecifier RestElement TemplateElement
  TemplateLiteral`.split(/\s+/),
);
const OPERATORS = ["??", "??=", "||=", "&&="];

function undocumented(node, ancestors) {
  const outer = ancestors.slice(0, -1);
  if (node.optional) return "?.";
  if (!DOCUMENTED.has(node.type)) return node.type;
  if (OPERATORS.includes(node.operator)) return node.operator;
  if (node.generator) return "generator";
  if (node.type === "CatchClause" && !node.param) return "catch without a parameter";
  if (node.type === "Property" && (node.shorthand || node.computed || node.method)) return "short property";
  if (node.type === "Literal" && node.bigint) return "bigint";
  if (node.async && outer.some((it) => /Function/.test(it.type) || it.type === "CallExpression")) {
    return "async function in a function or an argument";
  }
  return undefined;
}

const code = require("fs").readFileSync(0, "utf8");
const tree = acorn.parse(code, { ecmaVersion: "latest", sourceType: "module", locations: true });
walk.fullAncestor(tree, (node, _state, ancestors) => {
  const found = undocumented(node, ancestors);
  if (found) console.log(`line ${node.loc.start.line}: ${found}`);
});
