//! An explanation as a person and as a program reads it.

use events::Redacted;
use serde_json::{Value, json};
use updater::effect::{Age, Plan, PlannedEffect};
use updater::routes::Mode;

use super::call::ShownCall;
use super::event::Understood;
use crate::output;

/// What would be made of an effect, when it isn't simply called.
fn remark(effect: &PlannedEffect) -> Option<String> {
    match (&effect.call, effect.age, effect.mode()) {
        (_, Age::Expired, _) => Some(
            "expired: the event is older than the route's max_age, so nothing is called".into(),
        ),
        (_, _, Mode::Paused) => {
            Some("paused: the event is held, and called for once the route is live again".into())
        }
        (Err(failed), ..) => Some(format!("dead letter: {failed}")),
        (Ok(_), _, Mode::Shadow) => {
            Some("shadow: this is written to the log, and nothing is called".into())
        }
        (Ok(_), _, _) => None,
    }
}

/// For a person.
pub(super) fn print(understood: &Understood, plan: &Plan) -> anyhow::Result<()> {
    print_event(understood)?;
    for (index, effect) in plan.effects.iter().enumerate() {
        let element = effect
            .element
            .as_ref()
            .map(|key| format!(" for {key}"))
            .unwrap_or_default();
        let (route, destination) = (&effect.route.name, effect.destination());
        output::line(format!("\n{}. {route}{element} → {destination}", index + 1))?;
        if let Some(remark) = remark(effect) {
            output::line(format!("   {remark}"))?;
        }
        if let Ok(call) = &effect.call {
            output::line(output::indented(
                &ShownCall::of(effect, call)?.to_string(),
                "   ",
            ))?;
        }
    }
    if plan.effects.is_empty() {
        output::line("\nno route makes a call of this event")?;
    }
    if !plan.silent.is_empty() {
        let rows: Vec<[String; 2]> = plan
            .silent
            .iter()
            .map(|silence| [silence.route.name.clone(), silence.reason.to_string()])
            .collect();
        output::line(format!(
            "\n{}",
            output::table(["SILENT ROUTE", "WHY"], &rows)
        ))?;
    }
    Ok(())
}

fn print_event(understood: &Understood) -> anyhow::Result<()> {
    let received = &understood.received;
    let update = &received.update;
    let told = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    output::line(format!("event type  {}", told(&update.event_type)))?;
    output::line(format!("event id    {}", told(&update.event_id)))?;
    output::line(format!("identity    {}", received.identity))?;
    if received.identity.is_message_only() {
        output::line(
            "            (the message's own id: the same event published again is another event)",
        )?;
    }
    if !understood.redacted.is_empty() {
        output::line(format!("redacted    {}", places(&understood.redacted)))?;
        output::line(
            "            (by the publisher; with --as-is it is shown as others write it to the topic)",
        )?;
    }
    Ok(())
}

fn places(redacted: &Redacted) -> String {
    let mut places = redacted.pointers.join(", ");
    if redacted.more > 0 {
        places.push_str(&format!(" and {} more", redacted.more));
    }
    places
}

/// For a program.
pub(super) fn as_json(understood: &Understood, plan: &Plan) -> Value {
    let received = &understood.received;
    let effects: Vec<Value> = plan
        .effects
        .iter()
        .map(|effect| {
            json!({
                "route": effect.route.name,
                "destination": effect.destination(),
                "element": effect.element,
                "key": effect.key,
                "idempotencyKey": effect.idempotency_key.to_string(),
                "remark": remark(effect),
                "call": effect.call.as_ref().ok().and_then(|call| {
                    ShownCall::of(effect, call).ok().map(|call| call.to_json())
                }),
            })
        })
        .collect();
    let silent: Vec<Value> = plan
        .silent
        .iter()
        .map(|silence| json!({"route": silence.route.name, "reason": silence.reason.to_string()}))
        .collect();
    json!({
        "identity": received.identity,
        "event": received.update.to_json(),
        "redacted": understood.redacted.pointers,
        "redactedMore": understood.redacted.more,
        "effects": effects,
        "silent": silent,
    })
}
