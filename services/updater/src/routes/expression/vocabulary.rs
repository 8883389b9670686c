//! The words an expression may use: the fields of an event, the functions with the number of arguments each takes,
//! and the engine's type names. What is not here is refused when the routes file is read.

/// First-level fields after `event.`.
pub(super) const EVENT_FIELDS: &[&str] = &[
    "eventType",
    "eventId",
    "clientId",
    "userId",
    "eventTimestampMs",
    "receivedMs",
    "timestampSource",
    "consent",
    "data",
];

/// First-level fields after `effect.`.
pub(super) const EFFECT_FIELDS: &[&str] = &["key"];

/// Names that stand for a type: `type(x) == string`.
pub(super) const TYPE_NAMES: &[&str] = &[
    "int",
    "uint",
    "double",
    "bool",
    "string",
    "bytes",
    "list",
    "map",
    "null_type",
    "type",
];

/// Names before a dot that lead to a function.
pub(super) const NAMESPACES: &[&str] = &["math", "optional", "strings", "base64"];

/// A function's name and the fewest and most arguments it takes, the value before the dot not counted.
type Signature = (&'static str, usize, usize);

/// Called as `f(x)`.
pub(super) const GLOBAL_FUNCTIONS: &[Signature] = &[
    ("add", 2, 2),
    ("sub", 2, 2),
    ("mul", 2, 2),
    ("div", 3, 3),
    ("round", 2, 2),
    ("floor", 1, 1),
    ("ceil", 1, 1),
    ("sum", 1, 1),
    ("time", 1, 1),
    ("time_ms", 1, 1),
    ("date", 1, 1),
    ("sha256", 1, 1),
    ("lower", 1, 1),
    ("upper", 1, 1),
    ("has", 1, 1),
    ("size", 1, 1),
    ("string", 1, 1),
    ("int", 1, 1),
    ("uint", 1, 1),
    ("double", 1, 1),
    ("bool", 1, 1),
    ("bytes", 1, 1),
    ("dyn", 1, 1),
    ("type", 1, 1),
    ("timestamp", 1, 1),
    ("duration", 1, 1),
];

/// Called as `x.f()`.
pub(super) const MEMBER_FUNCTIONS: &[Signature] = &[
    ("map", 2, 3),
    ("filter", 2, 2),
    ("all", 2, 2),
    ("exists", 2, 2),
    ("exists_one", 2, 2),
    ("existsOne", 2, 2),
    ("sortBy", 2, 2),
    ("optMap", 2, 2),
    ("optFlatMap", 2, 2),
    ("orValue", 1, 1),
    ("or", 1, 1),
    ("value", 0, 0),
    ("hasValue", 0, 0),
    ("size", 0, 0),
    ("contains", 1, 1),
    ("startsWith", 1, 1),
    ("endsWith", 1, 1),
    ("matches", 1, 1),
    ("charAt", 1, 1),
    ("indexOf", 1, 2),
    ("lastIndexOf", 1, 2),
    ("lowerAscii", 0, 0),
    ("upperAscii", 0, 0),
    ("replace", 2, 2),
    ("split", 1, 2),
    ("substring", 1, 2),
    ("trim", 0, 0),
    ("format", 1, 1),
    ("join", 0, 1),
    ("slice", 2, 2),
    ("flatten", 0, 1),
    ("distinct", 0, 0),
    ("reverse", 0, 0),
    ("sort", 0, 0),
    ("getFullYear", 0, 1),
    ("getMonth", 0, 1),
    ("getDate", 0, 1),
    ("getDayOfMonth", 0, 1),
    ("getDayOfWeek", 0, 1),
    ("getDayOfYear", 0, 1),
    ("getHours", 0, 1),
    ("getMinutes", 0, 1),
    ("getSeconds", 0, 1),
    ("getMilliseconds", 0, 1),
];

/// Called with their namespace; `math.greatest` and `math.least` take any number.
pub(super) const NAMESPACED_FUNCTIONS: &[Signature] = &[
    ("math.greatest", 1, usize::MAX),
    ("math.least", 1, usize::MAX),
    ("math.abs", 1, 1),
    ("math.sign", 1, 1),
    ("math.round", 1, 1),
    ("math.trunc", 1, 1),
    ("math.floor", 1, 1),
    ("math.ceil", 1, 1),
    ("math.sqrt", 1, 1),
    ("math.isNaN", 1, 1),
    ("math.isInf", 1, 1),
    ("math.isFinite", 1, 1),
    ("optional.of", 1, 1),
    ("optional.none", 0, 0),
    ("optional.ofNonZeroValue", 1, 1),
    ("strings.quote", 1, 1),
    ("base64.encode", 1, 1),
    ("base64.decode", 1, 1),
];
