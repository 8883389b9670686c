//! The page that shows what the stand-ins were sent: plain HTML, no script, nothing from elsewhere.

use std::fmt::Write;

use actix_web::{HttpResponse, web};

use super::State;
use super::journal::Recorded;

const REQUESTS_SHOWN: usize = 100;

const HEAD: &str = r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5"><title>Sandbox back office</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884; }
td.number, th.number { text-align: right; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.repeated { opacity: .6; } .failed { color: #c33; }
</style></head><body>
<h1>Sandbox back office</h1>
<p>Stand-ins for a shop's own APIs. Applied: done for the first time. Repeated: the same Idempotency-Key again, answered as before and
not done again. This page loads itself anew every five seconds.</p>
"#;

const FOOT: &str = r#"<h2>Break something</h2>
<pre>curl -H 'Content-Type: application/json' -d '{"api":"crm","answer":503,"retryAfter":5,"times":3}' ADDRESS/behaviour
curl -H 'Content-Type: application/json' -d '{"api":"erp","stall":"10s"}' ADDRESS/behaviour
curl -H 'Content-Type: application/json' -d '{"api":"erp","answer":"ok"}' ADDRESS/behaviour
curl ADDRESS/requests?api=crm
curl -X DELETE ADDRESS/requests</pre>
</body></html>
"#;

/// `GET /`.
pub(super) async fn page(request: actix_web::HttpRequest, state: web::Data<State>) -> HttpResponse {
    let address = format!("http://{}", escape(request.connection_info().host()));
    let mut html = String::from(HEAD);
    {
        let behaviours = state.behaviours().to_json();
        let journal = state.journal();
        html.push_str(
            "<h2>APIs</h2><table><tr><th>API</th><th class=number>Requests</th><th class=number>Applied</th>\
             <th class=number>Repeated</th><th class=number>Failed</th><th>Behaviour</th></tr>",
        );
        for (api, counts) in journal.counts() {
            let numbers = [
                counts.requests,
                counts.applied,
                counts.repeated,
                counts.failed,
            ];
            let numbers: String = numbers
                .iter()
                .map(|number| format!("<td class=number>{number}</td>"))
                .collect();
            let behaviour = escape(&behaviours[api].to_string());
            html += &format!("<tr><td>/{api}</td>{numbers}<td>{behaviour}</td></tr>");
        }
        html.push_str(
            "</table><h2>Latest requests</h2><table><tr><th>At</th><th>Request</th><th>Answer</th><th>Body</th></tr>",
        );
        for request in journal.latest(None, REQUESTS_SHOWN).into_iter().rev() {
            add_row(&mut html, request);
        }
    }
    html.push_str("</table>");
    html.push_str(&FOOT.replace("ADDRESS", &address));
    HttpResponse::Ok()
        .insert_header(("content-type", "text/html; charset=utf-8"))
        .insert_header((
            "content-security-policy",
            "default-src 'none'; style-src 'unsafe-inline'",
        ))
        .insert_header(("cache-control", "no-store"))
        .body(html)
}

fn add_row(html: &mut String, request: &Recorded) {
    let class = match (request.repeated, request.status) {
        (true, _) => "repeated",
        (false, 200..=299) => "",
        (false, _) => "failed",
    };
    let query = request
        .query
        .as_deref()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let target = escape(&format!(
        "{} /{}{}{query}",
        request.method, request.api, request.path
    ));
    let key = escape(
        request
            .idempotency_key
            .as_deref()
            .unwrap_or("no Idempotency-Key"),
    );
    let repeated = if request.repeated { " repeated" } else { "" };
    let body = match request.body_as_json() {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => escape(&text),
        json => escape(&format!("{json:#}")),
    };
    let (at, status) = (request.at.to_rfc3339(), request.status);
    // Writing to a string can't fail.
    let _ = write!(
        html,
        "<tr class=\"{class}\"><td>{at}</td><td>{target}<br><small>{key}</small></td><td>{status}{repeated}</td>\
         <td><pre>{body}</pre></td></tr>"
    );
}

/// Text that can stand in HTML, wherever it came from.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
