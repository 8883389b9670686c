//! `talaria explain`: the exact calls an event would make, and why other routes stay silent. Makes no call.

mod call;
mod event;

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use events::Received;
use serde_json::{Value, json};
use updater::effect::{Age, Plan, PlannedEffect, plan};
use updater::routes::Mode;

use crate::commands::check;
use crate::invocation::{Completion, Invocation};
use crate::output;
use call::ShownCall;

const EXAMPLES: &str = r#"Examples:
  talaria explain order.json
  head -n 1 events.jsonl | talaria explain - --routes config/routes.yaml
  talaria explain '{"items":[{"item_id":"A1"}]}' --as purchase --json"#;

/// What is explained.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExplainArguments {
    /// A file with one event, - for standard input, or the event's JSON itself
    #[arg(value_name = "EVENT")]
    event: String,
    /// The routes file [default: the one that the settings name]
    #[arg(long, value_name = "FILE")]
    routes: Option<PathBuf>,
    /// The event type, for an event that names none (as ?as= of a push address)
    #[arg(long = "as", value_name = "TYPE")]
    event_type: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// Prints identity, calls and silences. An effect whose expressions fail is not well: it would be a dead letter.
pub(crate) fn run(
    invocation: &Invocation,
    arguments: &ExplainArguments,
) -> anyhow::Result<Completion> {
    let settings = invocation.settings()?;
    let path = arguments
        .routes
        .as_ref()
        .unwrap_or(&settings.updater.routes);
    let routes = match check::read(path, invocation)? {
        Ok(routes) => routes,
        Err(mistakes) => bail!(
            "{} has {}, the first one here; `talaria check` lists all\n{}",
            path.display(),
            output::counted(mistakes.len(), "mistake"),
            mistakes
                .first()
                .map(ToString::to_string)
                .unwrap_or_default()
        ),
    };
    let now = invocation.clock.now();
    let text = event::read(&arguments.event)?;
    let hint = arguments.event_type.as_deref();
    let received = event::understand(&text, hint, now, settings.updater.purchase_identity)?;
    let json = received.update.to_json();
    let plan = plan(
        &routes,
        None,
        received.identity.as_str(),
        &json,
        now.millis(),
    );
    if arguments.json {
        output::json(&as_json(&received, &plan))?;
    } else {
        print(&received, &plan)?;
    }
    Ok(Completion::of(
        plan.effects.iter().all(|effect| effect.call.is_ok()),
    ))
}

/// What would be made of an effect, when it isn't simply called.
fn remark(effect: &PlannedEffect) -> Option<String> {
    match (&effect.call, effect.age, effect.mode()) {
        (_, Age::Expired, _) => Some(
            "expired: the event is older than the route's max_age, so nothing is called".into(),
        ),
        (Err(failed), ..) => Some(format!("dead letter: {failed}")),
        (Ok(_), _, Mode::Shadow) => {
            Some("shadow: this is written to the log, and nothing is called".into())
        }
        (Ok(_), _, _) => None,
    }
}

fn print(received: &Received, plan: &Plan) -> anyhow::Result<()> {
    let update = &received.update;
    let absent = || "none".to_owned();
    output::line(format!(
        "event type  {}",
        update.event_type.clone().unwrap_or_else(absent)
    ))?;
    output::line(format!(
        "event id    {}",
        update.event_id.clone().unwrap_or_else(absent)
    ))?;
    output::line(format!("identity    {}", received.identity))?;
    if received.identity.is_message_only() {
        output::line(
            "            (the message's own id: the same event published again is another event)",
        )?;
    }
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

fn as_json(received: &Received, plan: &Plan) -> Value {
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
        "effects": effects,
        "silent": silent,
    })
}
