//! What came of sending, for a person or a program.

use serde_json::json;

use super::answer::Refusal;
use super::delivery::Summary;
use crate::output;

/// Refusals that are shown; a file of another kind would fill the screen.
const REFUSALS_SHOWN: usize = 50;

/// Prints refusals and figures, or all of it as JSON.
pub(super) fn print(summary: &Summary, as_json: bool) -> anyhow::Result<()> {
    let refused = summary.refused.len() + summary.refused_more;
    if as_json {
        return output::json(&json!({
            "sent": summary.accepted + refused,
            "accepted": summary.accepted,
            "refused": refused,
            "retried": summary.retried,
            "refusals": summary.refused,
        }));
    }
    for refusal in summary.refused.iter().take(REFUSALS_SHOWN) {
        output::line(shown(refusal))?;
    }
    if refused > REFUSALS_SHOWN {
        output::line(format!("… and {} more refusals", refused - REFUSALS_SHOWN))?;
    }
    let sent = output::counted(summary.accepted + refused, "event");
    output::line(format!(
        "{sent} sent: {} accepted, {refused} refused",
        summary.accepted
    ))?;
    Ok(())
}

/// One refusal with its place and violations.
pub(super) fn shown(refusal: &Refusal) -> String {
    let mut text = format!(
        "{}:{}: refused with {}: {}",
        refusal.file, refusal.line, refusal.status, refusal.detail
    );
    for violation in &refusal.violations {
        let place = if violation.pointer.is_empty() {
            "the event"
        } else {
            &violation.pointer
        };
        text += &format!("\n  {place} {}", violation.detail);
    }
    text
}
