//! Expressions: CEL with what bare CEL lacks for this use. Whole and fractional numbers mix, whole results print
//! without a fraction, amounts can be calculated exactly, a step budget and a size limit end what would not end by
//! itself, names are checked when the routes file is read, and a value that JSON can't hold is refused.
//!
//! A [`Compiler`] is made once, an [`Expression`] once for each text of the routes file, [`Bindings`] once a message.

mod amounts;
mod arithmetic;
mod bindings;
mod budget;
mod decimal;
mod error;
mod name_check;
mod names;
mod output;
mod path;
mod reads;
mod rewrite;
mod shape;
mod slips;
mod texts;
mod vocabulary;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use cel::common::ast::IdedExpr;
use cel::{DeclarationError, Env, Value, extensions};

pub use bindings::Bindings;
pub use error::{EvaluationError, ExpressionMistake};
pub use names::Names;
pub(crate) use names::is_taken;
pub(crate) use path::{is_acceptable, percent_encode};
pub(crate) use reads::ANY;
pub use reads::Read;

/// Longest source of an expression, in bytes.
const MOST_SOURCE_BYTES: usize = 4 << 10;
/// Deepest nesting of an expression. The engine recurses; this depth fits a thread of 2 MiB.
const MOST_DEPTH: usize = 64;
/// The parser recurses far deeper than the tree it makes. This much stack is reserved for it, not used.
const COMPILE_STACK_BYTES: usize = 256 << 20;

/// Limits of one evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvaluationLimits {
    /// Steps: one for each element a macro looks at, each call and each kibibyte made.
    pub steps: u32,
    /// Size of the result as JSON, in bytes.
    pub output_bytes: usize,
}

impl Default for EvaluationLimits {
    fn default() -> Self {
        Self {
            steps: 10_000,
            output_bytes: 1 << 20,
        }
    }
}

/// The language: functions, operators and limits, built once and shared.
#[derive(Clone)]
pub struct Compiler {
    environment: Arc<Env>,
    limits: EvaluationLimits,
}

impl std::fmt::Debug for Compiler {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Compiler")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Compiler {
    /// The language with these limits.
    pub fn new(limits: EvaluationLimits) -> Self {
        let environment = environment().expect("no two functions of the language share a name");
        Self {
            environment: Arc::new(environment),
            limits,
        }
    }
}

fn environment() -> Result<Env, DeclarationError> {
    let mut env = Env::stdlib();
    extensions::strings(&mut env)?;
    extensions::lists(&mut env)?;
    extensions::math(&mut env)?;
    extensions::encoders(&mut env)?;
    arithmetic::declare(&mut env)?;
    amounts::declare(&mut env)?;
    texts::declare(&mut env)?;
    path::declare(&mut env)?;
    Ok(env)
}

/// Runs `work`, which compiles expressions, on a thread with stack enough for any of them, and waits for it.
///
/// # Errors
/// When the system gives no such thread, or `work` panics: a fault of the parser must not end whoever reloads a file.
pub fn on_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new()
            .name("expressions".into())
            .stack_size(COMPILE_STACK_BYTES);
        let thread = builder.spawn_scoped(scope, work)?;
        let panicked = |_| std::io::Error::other("it ended unexpectedly");
        thread.join().map_err(panicked)
    })
}

/// A checked expression, ready to be evaluated any number of times; cheap to clone.
#[derive(Clone)]
pub struct Expression {
    compiled: Arc<Compiled>,
}

struct Compiled {
    source: String,
    tree: IdedExpr,
    limits: EvaluationLimits,
    /// Fields the author selects, with the path he wrote, for the message when one is missing.
    selections: Vec<(String, String)>,
    reads: Vec<Read>,
    value_path: Option<Vec<String>>,
}

impl Expression {
    /// Reads and checks an expression. Call it within [`on_deep_stack`]: a long source can use up a usual stack.
    ///
    /// # Errors
    /// Every unknown name, or what keeps the text from being read.
    pub fn compile(
        compiler: &Compiler,
        source: &str,
        names: &Names,
    ) -> Result<Self, Vec<ExpressionMistake>> {
        Self::compile_as(compiler, source, names, false)
    }

    /// The same for a path: evaluated parts are percent-encoded, text in quotes is trusted.
    ///
    /// # Errors
    /// As [`Expression::compile`], and when the path does not start with `"/"`.
    pub fn compile_path(
        compiler: &Compiler,
        source: &str,
        names: &Names,
    ) -> Result<Self, Vec<ExpressionMistake>> {
        Self::compile_as(compiler, source, names, true)
    }

    fn compile_as(
        compiler: &Compiler,
        source: &str,
        names: &Names,
        is_path: bool,
    ) -> Result<Self, Vec<ExpressionMistake>> {
        let refused = |message: String| vec![ExpressionMistake::at(source, 0, message)];
        if source.trim().is_empty() {
            return Err(refused("the expression is empty".into()));
        }
        if source.len() > MOST_SOURCE_BYTES {
            return Err(refused(format!(
                "the expression is longer than {MOST_SOURCE_BYTES} bytes"
            )));
        }
        let parsed = compiler.environment.parser().parse_with_source_info(source);
        let (mut tree, source_info) = parsed.map_err(|errors| slips::explain(source, &errors))?;
        if shape::depth(&tree) > MOST_DEPTH {
            return Err(refused(format!(
                "the expression nests more than {MOST_DEPTH} levels deep; set brackets in long chains, or join a list"
            )));
        }
        let mut mistakes = name_check::check(&tree, &source_info, names);
        let selections = shape::selections(&tree);
        let reads = reads::reads(&tree, &source_info);
        let value_path = reads::value_path(&tree, &source_info);
        if is_path {
            mistakes.extend(path::encode_parts(&mut tree, &source_info));
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        rewrite::rewrite(&mut tree);
        let compiled = Compiled {
            source: source.to_owned(),
            tree,
            limits: compiler.limits,
            selections,
            reads,
            value_path,
        };
        Ok(Self {
            compiled: Arc::new(compiled),
        })
    }

    /// The text the expression was made from.
    pub fn source(&self) -> &str {
        &self.compiled.source
    }

    /// The places it reads.
    pub fn reads(&self) -> &[Read] {
        &self.compiled.reads
    }

    /// The place whose value it gives, or a choice of whose elements; nothing when it makes its value of others.
    pub(crate) fn value_path(&self) -> Option<Vec<String>> {
        self.compiled.value_path.clone()
    }

    /// Line and column of an offset, as those of a mistake without words.
    pub(crate) fn place_of(&self, offset: usize) -> ExpressionMistake {
        ExpressionMistake::at(self.source(), offset, "")
    }

    /// The JSON value of the expression for what is bound.
    ///
    /// # Errors
    /// See [`EvaluationError`]; none of them shows a value.
    pub fn evaluate(&self, bindings: &Bindings) -> Result<serde_json::Value, EvaluationError> {
        let Compiled { tree, limits, .. } = self.compiled.as_ref();
        bindings.budget.refill(limits.steps);
        let value = Value::resolve(tree, &bindings.context);
        if bindings.budget.is_exhausted() {
            return Err(EvaluationError::Budget);
        }
        let value = value.map_err(|error| error::translate(error, |key| self.path_of(key)))?;
        output::to_json(&value, limits.output_bytes)
    }

    /// A missing key as the author wrote it. A key that he did not write came out of the event and is not shown.
    fn path_of(&self, key: &str) -> String {
        let mut paths = self
            .compiled
            .selections
            .iter()
            .filter(|(field, _)| field == key)
            .map(|(_, path)| path);
        match (paths.next(), paths.next()) {
            (Some(path), None) => path.clone(),
            (Some(_), Some(_)) => key.to_owned(),
            _ => "a field".to_owned(),
        }
    }
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("Expression")
            .field(&self.compiled.source)
            .finish()
    }
}
