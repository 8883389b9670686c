//! The check of names when an expression is read. The language has no types before it runs; a misspelt name would
//! otherwise be noticed by the first customer whose order needs it.

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};

use super::error::ExpressionMistake;
use super::names::Names;
use super::vocabulary::{
    EFFECT_FIELDS, EVENT_FIELDS, GLOBAL_FUNCTIONS, MEMBER_FUNCTIONS, NAMESPACED_FUNCTIONS,
    NAMESPACES, TYPE_NAMES,
};
use crate::routes::suggestion::did_you_mean;

/// Every unknown name, field and function of `expression`, in the order of the text.
pub(super) fn check(
    expression: &IdedExpr,
    source: &SourceInfo,
    names: &Names,
) -> Vec<ExpressionMistake> {
    let mut checker = Checker {
        source,
        names,
        scope: Vec::new(),
        mistakes: Vec::new(),
    };
    checker.visit(expression);
    checker.mistakes.sort_by_key(|mistake| mistake.offset);
    checker.mistakes.dedup();
    checker.mistakes
}

struct Checker<'a> {
    source: &'a SourceInfo,
    names: &'a Names,
    /// Variables of the macros around the place that is looked at.
    scope: Vec<&'a str>,
    mistakes: Vec<ExpressionMistake>,
}

impl<'a> Checker<'a> {
    fn visit(&mut self, expression: &'a IdedExpr) {
        match &expression.expr {
            Expr::Ident(name) => self.check_name(expression, name),
            Expr::Select(select) => {
                self.check_field(&select.operand, &select.field, expression);
                self.visit(&select.operand);
            }
            Expr::Call(call) => self.visit_call(expression, call),
            Expr::List(list) => list.elements.iter().for_each(|element| self.visit(element)),
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.visit_key(&entry.key);
                        self.visit(&entry.value);
                    }
                }
            }
            Expr::Comprehension(comprehension) => {
                self.visit(&comprehension.iter_range);
                self.visit(&comprehension.accu_init);
                let depth = self.scope.len();
                self.scope.extend([
                    comprehension.iter_var.as_str(),
                    comprehension.accu_var.as_str(),
                ]);
                self.visit(&comprehension.loop_step);
                self.visit(&comprehension.result);
                self.scope.truncate(depth);
            }
            Expr::Struct(_) => {
                self.report(
                    expression,
                    "",
                    "typed objects are not supported; write { \"key\": value }".into(),
                );
            }
            Expr::Literal(_) | Expr::Unspecified => {}
        }
    }

    /// `{a: 1}` reads a variable `a`, which nobody means.
    fn visit_key(&mut self, key: &'a IdedExpr) {
        match &key.expr {
            Expr::Ident(name) if !self.is_known(name) => {
                self.report(
                    key,
                    name,
                    format!("a key is text: write \"{name}\" with quotes"),
                );
            }
            _ => self.visit(key),
        }
    }

    fn visit_call(&mut self, expression: &'a IdedExpr, call: &'a CallExpr) {
        if let (operators::OPT_SELECT, [operand, field]) =
            (call.func_name.as_str(), call.args.as_slice())
            && let Expr::Literal(LiteralValue::String(field_name)) = &field.expr
        {
            self.check_field(operand, field_name.inner(), field);
        }
        call.args.iter().for_each(|argument| self.visit(argument));
        // Operators, and what macros have become: `math.greatest(…)` is `math.@max(…)`.
        if call.func_name.starts_with(['_', '!', '-']) || call.func_name.contains('@') {
            return call.target.iter().for_each(|target| self.visit(target));
        }
        let found = match call.target.as_deref() {
            None => (call.func_name.clone(), GLOBAL_FUNCTIONS),
            Some(target) => match &target.expr {
                Expr::Ident(space)
                    if NAMESPACES.contains(&space.as_str())
                        && !self.scope.contains(&space.as_str()) =>
                {
                    (format!("{space}.{}", call.func_name), NAMESPACED_FUNCTIONS)
                }
                _ => {
                    self.visit(target);
                    (call.func_name.clone(), MEMBER_FUNCTIONS)
                }
            },
        };
        self.check_function(expression, call, &found.0, found.1);
    }

    fn check_function(
        &mut self,
        expression: &IdedExpr,
        call: &CallExpr,
        name: &str,
        functions: &[(&'static str, usize, usize)],
    ) {
        let Some((_, fewest, most)) = functions.iter().find(|(known, ..)| *known == name) else {
            let hint = match elsewhere(name) {
                Some(usage) => format!("; write {usage}"),
                None => did_you_mean(name, functions.iter().map(|(known, ..)| *known)),
            };
            return self.report(
                expression,
                &call.func_name,
                format!("unknown function '{name}'{hint}"),
            );
        };
        if !(*fewest..=*most).contains(&call.args.len()) {
            let count = if fewest == most {
                fewest.to_string()
            } else {
                format!("{fewest} to {most}")
            };
            self.report(
                expression,
                &call.func_name,
                format!("{name} takes {count} argument(s)"),
            );
        }
    }

    fn check_name(&mut self, expression: &IdedExpr, name: &str) {
        if self.is_known(name) || name.starts_with(['@', '#']) || TYPE_NAMES.contains(&name) {
            return;
        }
        let hint = match name {
            "effect" => "; the effect's key is known in path, query, headers and body only".into(),
            "item" if self.names.element.is_none() => {
                "; there is an element only in each.key, path, query, headers and body of a route with each:".into()
            }
            "None" | "nil" | "undefined" => "; write null".into(),
            _ => did_you_mean(name, self.names.all().into_iter().chain(self.scope.iter().copied())),
        };
        self.report(expression, name, format!("unknown name '{name}'{hint}"));
    }

    fn check_field(&mut self, operand: &IdedExpr, field: &str, place: &IdedExpr) {
        let Expr::Ident(root) = &operand.expr else {
            return;
        };
        let fields = match root.as_str() {
            root if self.scope.contains(&root) => return,
            "event" => EVENT_FIELDS,
            "effect" if self.names.effect => EFFECT_FIELDS,
            _ => return,
        };
        if fields.contains(&field) {
            return;
        }
        let hint = match did_you_mean(field, fields.iter().copied()) {
            hint if hint.is_empty() && root == "event" => {
                format!(
                    "; what the tag sends is event.data.{field}, and keys beside data are event[\"{field}\"]"
                )
            }
            hint => hint,
        };
        self.report(
            place,
            field,
            format!("unknown field '{root}.{field}'{hint}"),
        );
    }

    fn is_known(&self, name: &str) -> bool {
        self.scope.contains(&name) || self.names.all().contains(&name)
    }

    /// Adds a mistake at `word`, which stands at the node's place or shortly after or before it.
    fn report(&mut self, node: &IdedExpr, word: &str, message: String) {
        let source = self.source.source.as_str();
        let (start, stop) = self.source.offset_for(node.id).unwrap_or((0, 0));
        let (start, stop) = (start as usize, stop as usize);
        let after = source
            .get(start..)
            .and_then(|rest| rest.find(word))
            .map(|found| start + found);
        let before = source.get(..start).and_then(|head| head.rfind(word));
        let offset = match (after, before) {
            (Some(after), _) if after <= stop => after,
            (_, Some(before)) => before,
            (Some(after), None) => after,
            (None, None) => start,
        };
        self.mistakes
            .push(ExpressionMistake::at(source, offset, message));
    }
}

/// How a function is called that was called the other way round.
fn elsewhere(name: &str) -> Option<String> {
    let known = |functions: &[(&'static str, usize, usize)]| {
        functions.iter().any(|(known, ..)| *known == name)
    };
    if known(MEMBER_FUNCTIONS) {
        return Some(format!("x.{name}(…)"));
    }
    known(GLOBAL_FUNCTIONS).then(|| format!("{name}(x)"))
}
