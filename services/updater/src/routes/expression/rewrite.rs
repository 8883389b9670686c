//! Changes a parsed expression into the one that is evaluated: arithmetic goes to our functions, which mix whole and
//! fractional numbers; what an author's macro does for each element, what his calls read and what they make is counted; an
//! object's keys come to a macro in their order; the two text functions whose result can be the product of their arguments go to
//! ours, which look first.

use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators,
};

use super::vocabulary::NAMESPACES;

/// Functions that take the same time whatever they are given; all others read it.
const READ_NOTHING: [&str; 9] = [
    "dyn",
    "hasValue",
    "none",
    "of",
    "ofNonZeroValue",
    "or",
    "orValue",
    "size",
    "value",
];
/// Operators that read both sides, as far as those are alike.
const COMPARISONS: [&str; 7] = [
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::LESS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::GREATER_EQUALS,
    operators::IN,
];

/// A regular expression is compiled at each call, which costs far more than a step.
const STEPS_OF_A_MATCH: i64 = 10;

/// Rewrites `expression` in place.
pub(super) fn rewrite(expression: &mut IdedExpr) {
    match &mut expression.expr {
        Expr::Call(call) => {
            call.args.iter_mut().for_each(rewrite);
            if let Some(target) = &mut call.target {
                rewrite(target);
            }
            rewrite_call(expression);
        }
        Expr::Select(select) => rewrite(&mut select.operand),
        Expr::List(list) => list.elements.iter_mut().for_each(rewrite),
        Expr::Map(map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    rewrite(&mut entry.key);
                    rewrite(&mut entry.value);
                }
            }
        }
        Expr::Comprehension(comprehension) => rewrite_comprehension(comprehension),
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) | Expr::Struct(_) => {}
    }
}

/// Renames an operator or guards a call; the operands have been rewritten already.
fn rewrite_call(expression: &mut IdedExpr) {
    let Expr::Call(call) = &mut expression.expr else {
        return;
    };
    if call.target.is_none() {
        let ours = match call.func_name.as_str() {
            operators::ADD => "@add",
            operators::SUBSTRACT => "@sub",
            operators::MULTIPLY => "@mul",
            operators::DIVIDE => "@div",
            operators::MODULO => "@rem",
            name if COMPARISONS.contains(&name) => return heed_compared(call),
            name if is_operator(name) => return,
            _ => {
                heed_operands(call);
                return weigh(expression);
            }
        };
        call.func_name = ours.into();
        // Only addition can make something large out of something small, again and again.
        if ours == "@add" {
            weigh(expression);
        }
        return;
    }
    heed_operands(call);
    match call.func_name.as_str() {
        name @ ("replace" | "join") => {
            let name = format!("@{name}");
            if let Some(target) = call.target.take() {
                call.args.insert(0, *target);
            }
            call.func_name = name;
            weigh(expression);
        }
        "matches" => {
            weigh(expression);
            after_steps(expression, STEPS_OF_A_MATCH);
        }
        _ => weigh(expression),
    }
}

/// What a call reads is paid for before it reads it.
fn heed_operands(of: &mut CallExpr) {
    let name = of.func_name.as_str();
    if READ_NOTHING.contains(&name) {
        return;
    }
    // Each element is compared with each.
    let way = if name == "distinct" {
        "@pairs"
    } else {
        "@heed"
    };
    let is_namespace = |target: &IdedExpr| matches!(&target.expr, Expr::Ident(name) if NAMESPACES.contains(&name.as_str()));
    let target = of.target.iter_mut().map(|target| &mut **target);
    let target = target.filter(|target| !is_namespace(target));
    for operand in target.chain(&mut of.args) {
        heed(operand, way);
    }
}

/// Two values that can't be alike beyond a literal's length cost nothing.
fn heed_compared(of: &mut CallExpr) {
    if of.func_name != operators::IN && of.args.iter().any(is_literal) {
        return;
    }
    for operand in &mut of.args {
        heed(operand, "@heed");
    }
}

fn is_literal(operand: &IdedExpr) -> bool {
    matches!(operand.expr, Expr::Literal(_))
}

fn heed(operand: &mut IdedExpr, way: &str) {
    if !is_literal(operand) {
        wrap(operand, |inner| call(way, vec![inner]));
    }
}

fn is_operator(name: &str) -> bool {
    name.starts_with(['_', '!', '-', '@'])
}

/// Counts the author's part of each step of a macro. The accumulator's own shape (`@result + [x]`, the loop's
/// condition) must stay as it is: the engine recognises it and appends in place instead of copying the list.
fn rewrite_comprehension(comprehension: &mut ComprehensionExpr) {
    rewrite(&mut comprehension.iter_range);
    wrap(&mut comprehension.iter_range, |range| {
        call("@each", vec![range])
    });
    rewrite(&mut comprehension.accu_init);
    rewrite(&mut comprehension.result);
    rewrite_step(&mut comprehension.loop_step, &comprehension.accu_var);
}

fn rewrite_step(step: &mut IdedExpr, accumulator: &str) {
    let is_accumulator =
        |part: &IdedExpr| matches!(&part.expr, Expr::Ident(name) if name == accumulator);
    match &mut step.expr {
        Expr::Ident(_) => {}
        Expr::Call(call) => match (call.func_name.as_str(), call.args.as_mut_slice()) {
            (operators::ADD, [left, right]) if is_accumulator(left) => {
                if let Expr::List(list) = &mut right.expr {
                    list.elements.iter_mut().for_each(counted);
                }
            }
            (operators::CONDITIONAL, [condition, then, _]) => {
                counted(condition);
                rewrite_step(then, accumulator);
            }
            (operators::LOGICAL_AND | operators::LOGICAL_OR, [left, right])
                if is_accumulator(left) =>
            {
                counted(right)
            }
            _ => counted(step),
        },
        _ => counted(step),
    }
}

/// `x` becomes `@step(1) ? @weigh(x) : null`. The step comes first, so that an inner loop does not run at all once the
/// budget is used up.
fn counted(part: &mut IdedExpr) {
    rewrite(part);
    weigh(part);
    after_steps(part, 1);
}

fn weigh(part: &mut IdedExpr) {
    wrap(part, |inner| call("@weigh", vec![inner]));
}

fn after_steps(part: &mut IdedExpr, steps: i64) {
    wrap(part, |inner| {
        let id = inner.id;
        let node = |expr| IdedExpr { id, expr };
        let count = node(Expr::Literal(LiteralValue::Int(steps.into())));
        let condition = node(call("@step", vec![count]));
        call(
            operators::CONDITIONAL,
            vec![condition, inner, node(Expr::Literal(LiteralValue::Null))],
        )
    });
}

/// Replaces a node by one around it, at the same place of the source.
pub(super) fn wrap(part: &mut IdedExpr, around: impl FnOnce(IdedExpr) -> Expr) {
    let inner = std::mem::take(part);
    *part = IdedExpr {
        id: inner.id,
        expr: around(inner),
    };
}

/// A call of a global function.
pub(super) fn call(function: &str, args: Vec<IdedExpr>) -> Expr {
    Expr::Call(CallExpr {
        func_name: function.to_owned(),
        target: None,
        args,
    })
}
