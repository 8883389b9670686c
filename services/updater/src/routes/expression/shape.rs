//! What is read off a parsed expression before it is changed: how deep it nests, and which fields it selects.

use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};

/// Levels of nesting, 1 for a single name.
pub(super) fn depth(expression: &IdedExpr) -> usize {
    1 + children(expression)
        .into_iter()
        .map(depth)
        .max()
        .unwrap_or(0)
}

/// Byte offset at which the expression's text begins. A node's own place may be in its middle: the dot of a selection.
pub(super) fn start(expression: &IdedExpr, source: &SourceInfo) -> usize {
    let own = source
        .offset_for(expression.id)
        .map(|(start, _)| start as usize);
    let below = children(expression)
        .into_iter()
        .map(|child| start(child, source));
    own.into_iter().chain(below).min().unwrap_or(0)
}

/// Every selected field with its path as written (`event.data.value`), each pair once.
pub(super) fn selections(expression: &IdedExpr) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(expression, &mut found);
    found.sort();
    found.dedup();
    found
}

fn collect(expression: &IdedExpr, found: &mut Vec<(String, String)>) {
    if let Some((operand, field)) = selected(expression) {
        let path =
            written(operand).map_or_else(|| field.to_owned(), |path| format!("{path}.{field}"));
        found.push((field.to_owned(), path));
    }
    children(expression)
        .into_iter()
        .for_each(|child| collect(child, found));
}

/// Operand and field of `x.f`, `x.?f` and `x["f"]`.
fn selected(expression: &IdedExpr) -> Option<(&IdedExpr, &str)> {
    match &expression.expr {
        Expr::Select(select) => Some((&select.operand, &select.field)),
        Expr::Call(call)
            if matches!(
                call.func_name.as_str(),
                operators::INDEX | operators::OPT_SELECT
            ) =>
        {
            match call.args.as_slice() {
                [
                    operand,
                    IdedExpr {
                        expr: Expr::Literal(LiteralValue::String(field)),
                        ..
                    },
                ] => Some((operand, field.inner())),
                _ => None,
            }
        }
        _ => None,
    }
}

fn written(expression: &IdedExpr) -> Option<String> {
    if let Expr::Ident(name) = &expression.expr {
        return Some(name.clone());
    }
    let (operand, field) = selected(expression)?;
    Some(format!("{}.{field}", written(operand)?))
}

pub(super) fn children(expression: &IdedExpr) -> Vec<&IdedExpr> {
    match &expression.expr {
        Expr::Call(call) => call
            .target
            .as_deref()
            .into_iter()
            .chain(&call.args)
            .collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => {
            let entries = map.entries.iter().filter_map(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => Some([&entry.key, &entry.value]),
                EntryExpr::StructField(_) => None,
            });
            entries.flatten().collect()
        }
        Expr::Comprehension(comprehension) => {
            let comprehension = comprehension.as_ref();
            vec![
                &comprehension.iter_range,
                &comprehension.accu_init,
                &comprehension.loop_cond,
                &comprehension.loop_step,
                &comprehension.result,
            ]
        }
        Expr::Struct(_) | Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => Vec::new(),
    }
}
