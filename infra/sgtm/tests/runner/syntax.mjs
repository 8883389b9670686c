// Refuses what sandboxed JavaScript does not have, or what no public template was seen to use: Google says "ECMAScript 5.1 and
// some features of 6, such as arrow functions and const and let", and publishes no list. So this is stricter than Tag Manager.

const WORDS = ("new this class extends super async await yield import export try catch throw finally with debugger delete typeof " +
  "instanceof void eval NaN Infinity").split(" ");
const MEMBERS = ("includes startsWith endsWith padStart padEnd repeat charCodeAt codePointAt find findIndex findLast flat flatMap fill at " +
  "replaceAll matchAll trimStart trimEnd toFixed toPrecision call apply bind hasOwnProperty isArray assign test exec").split(" ");
const SIGNS = ["...", "**", "?.", "??", "??=", "||=", "&&=", "@", "#"];
const DECLARING = ["const", "let", "var", "function"];
const RESERVED = ("break case const continue default do else false for function if in let null of return switch true undefined var while").split(" ");

const TOKEN =
  /(?<space>\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|(?<number>\d[\w.]*)|(?<word>[A-Za-z_$][\w$]*)|(?<sign>=>|\.\.\.|\?\?=|\|\|=|&&=|===|!==|\*\*|\?\.|\?\?|[=!<>]=|&&|\|\||\+\+|--|[-+*\/%]=|.)/gsy;

/** Every complaint about a piece of sandboxed JavaScript that may use the names in `known` beside its own. */
export function complaintsAbout(code, known) {
  const tokens = tokenise(code);
  const complaints = [];
  const complain = (token, text) => complaints.push(`line ${token.line}: ${text}`);
  const declared = new Set([...known, ...RESERVED, "require", "arguments"]);
  tokens.forEach((token, index) => declare(tokens, index, declared, complain));
  tokens.forEach((token, index) => judge(tokens, index, declared, complain));
  return complaints;
}

function tokenise(code) {
  const tokens = [];
  let line = 1;
  for (const match of code.matchAll(TOKEN)) {
    const [kind] = Object.entries(match.groups).find(([, text]) => text !== undefined);
    if (kind !== "space") tokens.push({ kind, text: match[0], line });
    line += match[0].split("\n").length - 1;
  }
  return tokens;
}

function declare(tokens, index, declared, complain) {
  const token = tokens[index];
  const next = tokens[index + 1];
  if (DECLARING.includes(token.text) && next?.kind === "word") declared.add(next.text);
  if (["const", "let", "var"].includes(token.text) && ["{", "["].includes(next?.text)) complain(token, "destructuring");
  if (token.text === "=>") {
    const before = tokens[index - 1];
    if (before.kind === "word") declared.add(before.text);
    else declareParameters(tokens, index - 1, declared, complain);
  }
  if (token.text === "function") {
    let close = index;
    while (tokens[close] && tokens[close].text !== ")") close += 1;
    declareParameters(tokens, close, declared, complain);
    if (next?.text === "*") complain(token, "a generator");
  }
}

/** The names between a closing parenthesis and the one that opens it. */
function declareParameters(tokens, close, declared, complain) {
  for (let index = close - 1; index >= 0 && tokens[index].text !== "("; index -= 1) {
    if (tokens[index].kind === "word") declared.add(tokens[index].text);
    else if (tokens[index].text !== ",") return complain(tokens[index], "parameters that are more than names");
  }
}

function judge(tokens, index, declared, complain) {
  const token = tokens[index];
  const before = tokens[index - 1];
  const next = tokens[index + 1];
  if (token.kind === "sign") {
    if (token.text === "`") complain(token, "a template literal");
    if (SIGNS.includes(token.text)) complain(token, `the sign ${token.text}`);
    const operand = before && (["number", "string"].includes(before.kind) || [")", "]"].includes(before.text) || (before.kind === "word" && !RESERVED.includes(before.text)));
    if (["/", "/="].includes(token.text) && !operand) complain(token, "a regular expression");
    if (token.text === "{" && opensLiteral(tokens, index)) judgeLiteral(tokens, index, complain);
  }
  if (token.kind === "number" && !/^(0|[1-9]\d*)(\.\d+)?$|^0x[0-9a-fA-F]+$/.test(token.text)) complain(token, `the number ${token.text}`);
  if (token.kind !== "word") return;
  const isMember = before?.text === ".";
  const isKey = next?.text === ":" && ["{", ","].includes(before?.text);
  if (isMember && MEMBERS.includes(token.text)) complain(token, `the method ${token.text}`);
  if (isMember || isKey) return;
  if (WORDS.includes(token.text)) complain(token, `the word ${token.text}`);
  else if (!declared.has(token.text)) complain(token, `the global ${token.text}`);
}

function opensLiteral(tokens, index) {
  const before = tokens[index - 1]?.text;
  return ["(", ",", "=", ":", "[", "?", "return", "&&", "||"].includes(before);
}

/** Keys of a literal are written out: `{a: a}`; shorthand, methods and computed keys are newer. */
function judgeLiteral(tokens, open, complain) {
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    const { text } = tokens[index];
    if (["(", "[", "{"].includes(text)) depth += 1;
    if ([")", "]", "}"].includes(text)) depth -= 1;
    if (depth === 0) return;
    const key = tokens[index + 1];
    const startsKey = depth === 1 && (index === open || text === ",") && key.text !== "}";
    if (startsKey && tokens[index + 2]?.text !== ":") complain(key, "a key of a literal without its colon");
  }
}
