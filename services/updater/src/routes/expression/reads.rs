//! Which places of the event an expression reads, as far as its text tells. Warnings are made of it, nothing is decided
//! by it: what functions make of lists and objects is not followed.

use cel::common::ast::{ComprehensionExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};

use super::shape::{children, start};

/// Any one element of a list, or a member whose name is computed.
pub(crate) const ANY: &str = "*";

/// A place that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The name it begins at (`event`, or an element's), then the members; `*` for any element.
    pub path: Vec<String>,
    /// Bytes from the start of the expression.
    pub offset: usize,
}

/// Every place read, each once, in the order of the text. A place that is only asked for with `has()` is not read.
pub(super) fn reads(expression: &IdedExpr, source: &SourceInfo) -> Vec<Read> {
    let mut reader = Reader {
        source,
        scope: Vec::new(),
        found: Vec::new(),
    };
    reader.visit(expression, false);
    let mut found = reader.found;
    found.sort_by(|one, other| (&one.path, one.offset).cmp(&(&other.path, other.offset)));
    found.dedup_by(|one, other| one.path == other.path);
    found.sort_by_key(|read| read.offset);
    found
}

/// The place whose value, or a part of whose elements, is the expression's own value; nothing when it is made of others.
pub(super) fn value_path(expression: &IdedExpr, source: &SourceInfo) -> Option<Vec<String>> {
    let reader = Reader {
        source,
        scope: Vec::new(),
        found: Vec::new(),
    };
    reader.path_of(expression)
}

struct Reader<'a> {
    source: &'a SourceInfo,
    /// Variables of the macros around the place that is looked at, with what they stand for.
    scope: Vec<(&'a str, Option<Vec<String>>)>,
    found: Vec<Read>,
}

impl<'a> Reader<'a> {
    /// `is_within`: the expression is only the way to something further in.
    fn visit(&mut self, expression: &'a IdedExpr, is_within: bool) {
        if let Expr::Comprehension(comprehension) = &expression.expr {
            return self.visit_comprehension(comprehension);
        }
        let operand = step(expression).map(|(operand, _)| operand);
        let is_asked_for = matches!(&expression.expr, Expr::Select(select) if select.test);
        if operand.is_some() && !is_within && !is_asked_for {
            let offset = start(expression, self.source);
            let path = self.path_of(expression);
            self.found.extend(path.map(|path| Read { path, offset }));
        }
        for child in children(expression) {
            let is_way = operand.is_some_and(|operand| std::ptr::eq(operand, child));
            self.visit(child, is_way);
        }
    }

    fn visit_comprehension(&mut self, comprehension: &'a ComprehensionExpr) {
        self.visit(&comprehension.iter_range, false);
        self.visit(&comprehension.accu_init, false);
        let depth = self.scope.len();
        let element = self.path_of(&comprehension.iter_range).map(|mut path| {
            path.push(ANY.to_owned());
            path
        });
        let bound = self.path_of(&comprehension.accu_init);
        self.scope.push((&comprehension.iter_var, element));
        self.scope.push((&comprehension.accu_var, bound));
        for part in [
            &comprehension.loop_cond,
            &comprehension.loop_step,
            &comprehension.result,
        ] {
            self.visit(part, false);
        }
        self.scope.truncate(depth);
    }

    fn path_of(&self, expression: &IdedExpr) -> Option<Vec<String>> {
        if let Some((operand, name)) = step(expression) {
            let mut path = self.path_of(operand)?;
            path.push(name.to_owned());
            return Some(path);
        }
        match &expression.expr {
            Expr::Ident(name) => {
                let bound = self.scope.iter().rev().find(|(bound, _)| bound == name);
                bound.map_or_else(|| Some(vec![name.clone()]), |(_, path)| path.clone())
            }
            Expr::Call(call) if ["orValue", "or", "value"].contains(&call.func_name.as_str()) => {
                self.path_of(call.target.as_deref()?)
            }
            // A filter's elements are its list's.
            Expr::Comprehension(comprehension) => self.path_of(&comprehension.iter_range),
            _ => None,
        }
    }
}

/// Operand and member of `x.f`, `x.?f`, `x["f"]` and `x[?"f"]`; `*` for an index that is no text.
fn step(expression: &IdedExpr) -> Option<(&IdedExpr, &str)> {
    match &expression.expr {
        Expr::Select(select) => Some((&select.operand, &select.field)),
        Expr::Call(call)
            if [
                operators::INDEX,
                operators::OPT_INDEX,
                operators::OPT_SELECT,
            ]
            .contains(&call.func_name.as_str()) =>
        {
            let [operand, index] = call.args.as_slice() else {
                return None;
            };
            match &index.expr {
                Expr::Literal(LiteralValue::String(name)) => Some((operand, name.inner())),
                _ => Some((operand, ANY)),
            }
        }
        _ => None,
    }
}
