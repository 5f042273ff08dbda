// Copyright 2026 the authors. MIT license.

/**
 * The rules of the house that a tool can check: floors, the one file that may
 * name a part of the platform, what an error says. A new file needs no entry.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };

/** The files that users import: they stand at the top, and no others do. */
const DOORS: ReadonlySet<string> = new Set(
  Object.values(config.exports).map((path) => path.slice("./".length)),
);

/**
 * The floors, from the ground up. A folder is a room and holds private files. A
 * file imports from its own room, and from the floors below; rooms that share a
 * floor stand beside each other, and know nothing of each other.
 */
export const FLOORS: readonly (readonly string[])[] = [
  ["errors.ts"],
  ["memory/"],
  ["program/", "subprocess/"],
  ["message/"],
  ["sync/"],
  ["shared/", "queue/"],
  ["pipe/"],
  ["process/"],
  ["pool/"],
  // Every other door.
  ["*.ts"],
  ["context.ts"],
  ["mod.ts"],
];

/** What a global stands for, and the only files that may name it. */
export const OWNERS: Readonly<Record<string, readonly string[]>> = {
  "Atomics": ["memory/word.ts"],
  "Worker": ["process/worker_engine.ts"],
  "Deno.dlopen": ["memory/kernel.ts", "subprocess/platform_command.ts"],
  "Deno.Command": ["process/spawn_engine.ts", "subprocess/platform_command.ts"],
  "getBuiltinModule": ["memory/builtin.ts"],
};

/** Folders that stand outside the house: they may import and name anything. */
const OUTSIDE = ["bench/", "docs/", "examples/", "tests/", "tools/"];

/** Errors whose class name does not end in "Error". */
const ERRORS = [
  "BufferTooShort",
  "DOMException",
  "Empty",
  "Full",
  "ShutDown",
  "TimeoutExpired",
];

const MOD = "mod.ts";
/** The doors that define something themselves. */
const WITH_CODE = ["context.ts", "errors.ts"];
const WIDTH = 80;
/** A line that is nothing but comment. */
const COMMENT = /^\s*(?:\/\/|\/\*\*|\*(?: |$))/;
/** An address, the row of a table, a directive, or a single word. */
const UNBREAKABLE =
  /:\/\/|^\s*\* \||^\s*\/\/ (?:deno-lint|@ts)-|^\s*(?:\*|\/\/) \S+$/;
const HEADER = "// Copyright 2026 the authors. MIT license.\n";
const ROOT = pathOf(new URL("..", import.meta.url));

type Context = Deno.lint.RuleContext;
type Node = Deno.lint.Node;
type Visitor = Deno.lint.LintVisitor;

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "floors": inModules(floors),
    "doors": inModules(doors),
    "owners": inModules(owners),
    "no-dependency": inModules(noDependency),
    "error-text": inModules(errorText),
    "no-bare-error": inModules(noBareError),
    "no-console": inModules(noConsole),
    "unique-test-names": { create: uniqueTestNames },
    "comment-width": { create: commentWidth },
    "copyright": { create: copyright },
  },
};
export default plugin;

/** The rule applies to the module's own code only. */
function inModules(
  visit: (context: Context, file: string) => Visitor,
): Deno.lint.Rule {
  return {
    create(context) {
      const file = inRepository(context.filename);
      if (OUTSIDE.some((folder) => file.startsWith(folder))) return {};
      return visit(context, file);
    },
  };
}

function floors(context: Context, file: string): Visitor {
  const home = placeOf(file);
  if (home === undefined) {
    return {
      Program(node) {
        context.report({
          node,
          message: `${file} stands on no floor`,
          hint: "Put it into a room, or enter it in the exports of deno.json " +
            "if users import it; FLOORS in tools/lint_plugin.ts has the rooms",
        });
      },
    };
  }
  return eachImport((node, specifier) => {
    if (!isRelative(specifier)) return;
    const imported = resolve(file, specifier);
    const place = placeOf(imported);
    if (place === undefined) {
      context.report({
        node,
        message: `${file} imports ${imported}, which stands on no floor`,
      });
    } else if (imported === MOD) {
      context.report({
        node,
        message: `${file} imports ${MOD}, the door for users`,
        hint: "Import from the file that defines the symbol",
      });
    } else if (
      place.floor > home.floor ||
      (place.floor === home.floor && place.name !== home.name)
    ) {
      context.report({
        node,
        message: `${file} (${home.name}) imports ${imported} (${place.name})`,
        hint: "A file imports only from its own room and from lower floors",
      });
    }
  });
}

/** A door but `errors.ts` and `context.ts` is a list of what it opens to. */
function doors(context: Context, file: string): Visitor {
  if (!DOORS.has(file) || WITH_CODE.includes(file)) return {};
  return {
    Program(node) {
      for (const statement of node.body) {
        const isReexport = statement.type === "ExportAllDeclaration" ||
          (statement.type === "ExportNamedDeclaration" &&
            statement.source !== null);
        // A door may load what the classes behind it need in a program.
        const isBare = statement.type === "ImportDeclaration" &&
          statement.specifiers.length === 0;
        if (isReexport || isBare) continue;
        context.report({
          node: statement,
          message: `${file} is a door and holds code`,
          hint: "Move it into a room, and export it from there",
        });
      }
    },
  };
}

function owners(context: Context, file: string): Visitor {
  function check(node: Node, name: string | undefined) {
    const files = name === undefined || !Object.hasOwn(OWNERS, name)
      ? undefined
      : OWNERS[name];
    if (files === undefined || files.includes(file)) return;
    context.report({
      node,
      message: `Only ${files.join(" and ")} may name ${name}`,
    });
  }
  return {
    Identifier(node) {
      check(node, node.name);
    },
    MemberExpression(node) {
      const name = memberName(node);
      // `globalThis["Worker"]` holds no identifier of that name.
      if (node.property.type === "Literal") check(node, name);
      if (isIdentifier(node.object, "Deno")) check(node, `Deno.${name}`);
    },
    TSQualifiedName(node) {
      if (!isIdentifier(node.left, "Deno")) return;
      check(node, `Deno.${node.right.name}`);
    },
    VariableDeclarator(node) {
      if (node.id.type !== "ObjectPattern") return;
      if (!isIdentifier(node.init, "Deno")) return;
      for (const property of node.id.properties) {
        if (property.type !== "Property") continue;
        if (property.key.type !== "Identifier") continue;
        check(property, `Deno.${property.key.name}`);
      }
    },
  };
}

function noDependency(context: Context): Visitor {
  return eachImport((node, specifier) => {
    if (isRelative(specifier) || specifier.startsWith("node:")) return;
    context.report({
      node,
      message: `"${specifier}" is a dependency`,
      hint: "Import by URL must work without an import map and without " +
        "packages: only relative specifiers",
    });
  });
}

function errorText(context: Context): Visitor {
  return {
    NewExpression(node) {
      if (node.callee.type !== "Identifier") return;
      const { name } = node.callee;
      if (!name.endsWith("Error") && !ERRORS.includes(name)) return;
      const [message] = node.arguments;
      if (message === undefined) return;
      const { start, end } = literalEnds(message);
      if (start !== undefined && !start.startsWith("Cannot ")) {
        context.report({
          node: message,
          message: "An error says which action failed",
          hint: 'Begin with "Cannot ": "Cannot <action>: <state>"',
        });
      }
      if (end?.trimEnd().endsWith(".")) {
        context.report({
          node: message,
          message: "An error's text ends without a full stop",
        });
      }
    },
  };
}

function noBareError(context: Context): Visitor {
  return {
    ThrowStatement(node) {
      const thrown = node.argument;
      if (thrown.type !== "NewExpression" && thrown.type !== "CallExpression") {
        return;
      }
      if (!isIdentifier(thrown.callee, "Error")) return;
      context.report({
        node,
        message: "A bare Error cannot be told from any other",
        hint: "TypeError (kind), RangeError (range), StateError (wrong now) " +
          "or a class of errors.ts",
      });
    },
  };
}

function noConsole(context: Context): Visitor {
  return {
    MemberExpression(node) {
      if (!isIdentifier(node.object, "console")) return;
      context.report({
        node,
        message: "A module does not write to the console",
      });
    },
  };
}

function uniqueTestNames(context: Context): Visitor {
  const seen = new Set<string>();
  return {
    CallExpression(node) {
      const isOfContract = isContractTest(node);
      if (!isOfContract && !isDenoTest(node.callee)) return;
      const given = testName(context, node.arguments);
      if (given === undefined) return;
      // A contract adds what tells its tests apart.
      const name = isOfContract ? `${given} (…)` : given;
      if (seen.has(name)) {
        context.report({
          node,
          message: `This file has another test named ${name}`,
        });
      }
      seen.add(name);
    },
  };
}

/** The formatter wraps code, and leaves comments alone. */
function commentWidth(context: Context): Visitor {
  return {
    Program() {
      let start = 0;
      for (const line of context.sourceCode.text.split("\n")) {
        const range: [number, number] = [start, start + line.length];
        start = range[1] + 1;
        if (line.length <= WIDTH || !COMMENT.test(line)) continue;
        if (UNBREAKABLE.test(line)) continue;
        const message = `A comment of ${line.length} columns: ${WIDTH} at most`;
        context.report({ range, message });
      }
    },
  };
}

function copyright(context: Context): Visitor {
  return {
    Program(node) {
      if (context.sourceCode.text.startsWith(HEADER)) return;
      context.report({
        node,
        message: `A file starts with "${HEADER.trimEnd()}"`,
      });
    },
  };
}

/** Visits every module that the file names: static, re-exported, dynamic. */
function eachImport(visit: (node: Node, specifier: string) => void): Visitor {
  function visitSource(node: Node & { source: Node | null }) {
    const specifier = literal(node.source);
    if (specifier !== undefined) visit(node, specifier);
  }
  return {
    ImportDeclaration: visitSource,
    ImportExpression: visitSource,
    ExportAllDeclaration: visitSource,
    ExportNamedDeclaration: visitSource,
    TSImportType(node: Node & { argument: Node }) {
      const { argument } = node;
      const specifier = literal(
        argument.type === "TSLiteralType" ? argument.literal : argument,
      );
      if (specifier !== undefined) visit(node, specifier);
    },
  };
}

/** The text of a string literal or of a template without expressions. */
function literal(node: Node | null | undefined): string | undefined {
  if (node?.type === "Literal") {
    return typeof node.value === "string" ? node.value : undefined;
  }
  if (node?.type !== "TemplateLiteral" || node.expressions.length > 0) {
    return undefined;
  }
  return node.quasis[0]?.cooked;
}

interface Ends {
  start: string | undefined;
  end: string | undefined;
}

/** The first and last literal text of a message; undefined where computed. */
function literalEnds(node: Node): Ends {
  if (node.type === "BinaryExpression" && node.operator === "+") {
    return {
      start: literalEnds(node.left).start,
      end: literalEnds(node.right).end,
    };
  }
  if (node.type === "TemplateLiteral") {
    return {
      start: node.quasis.at(0)?.cooked || undefined,
      end: node.quasis.at(-1)?.cooked || undefined,
    };
  }
  const text = literal(node);
  return { start: text, end: text };
}

function testName(
  context: Context,
  args: readonly Node[],
): string | undefined {
  const first = args[0];
  switch (first?.type) {
    case "Literal":
      return literal(first);
    case "TemplateLiteral":
      // A name made only of expressions may differ from itself.
      if (!first.quasis.some((quasi) => quasi.cooked.trim())) return undefined;
      return literal(first) ?? context.sourceCode.getText(first);
    case "FunctionExpression":
      return first.id?.name;
    case "ObjectExpression":
      for (const property of first.properties) {
        if (property.type !== "Property") continue;
        if (!isIdentifier(property.key, "name")) continue;
        return testName(context, [property.value]);
      }
      return undefined;
    default:
      return undefined;
  }
}

/** `Deno.test`, `Deno.test.only`, `Deno.test.ignore` */
function isDenoTest(node: Node): boolean {
  if (node.type !== "MemberExpression") return false;
  if (isIdentifier(node.object, "Deno")) return memberName(node) === "test";
  const modifier = memberName(node);
  return (modifier === "only" || modifier === "ignore") &&
    isDenoTest(node.object);
}

/** `contract.test(name, body)`, of a contract by any name */
function isContractTest(node: Deno.lint.CallExpression): boolean {
  const { callee } = node;
  return callee.type === "MemberExpression" && memberName(callee) === "test" &&
    callee.object.type === "Identifier" && callee.object.name !== "Deno" &&
    node.arguments.length === 2;
}

function isIdentifier(node: Node | null | undefined, name: string): boolean {
  return node?.type === "Identifier" && node.name === name;
}

function memberName(node: Deno.lint.MemberExpression): string | undefined {
  if (node.property.type === "Identifier" && !node.computed) {
    return node.property.name;
  }
  return literal(node.property);
}

interface Place {
  readonly floor: number;
  /** The room, or the door. */
  readonly name: string;
}

function placeOf(file: string): Place | undefined {
  const end = file.indexOf("/") + 1;
  const name = end === 0 ? file : file.slice(0, end);
  if (end === 0 && !DOORS.has(name)) return undefined;
  const floor = FLOORS.findIndex((names) => names.includes(name));
  if (floor >= 0) return { floor, name };
  if (end > 0) return undefined;
  return { floor: FLOORS.findIndex((names) => names.includes("*.ts")), name };
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith("./") || specifier.startsWith("../");
}

/** The file that `specifier` means in `file`, both relative to the root. */
function resolve(file: string, specifier: string): string {
  const { pathname } = new URL(specifier, `file:///house/${file}`);
  return pathname.replace(/^\/house\//, "");
}

/** The file's path relative to the root, wherever the repository stands. */
function inRepository(filename: string): string {
  const path = filename.startsWith("file:")
    ? pathOf(new URL(filename))
    : filename.replaceAll("\\", "/");
  return path.startsWith(ROOT) ? path.slice(ROOT.length) : path;
}

/** Without the slash that a URL has before a drive letter. */
function pathOf(url: URL): string {
  return decodeURIComponent(url.pathname).replace(/^\/(?=[A-Za-z]:)/, "");
}
