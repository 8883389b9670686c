//! What the APIs are to get of a visit, to the byte, and what they got.

use events::Timestamp;
use testing::RecordedRequest;

use super::TRACE;

const USER_AGENT: &str = concat!("Talaria/", env!("CARGO_PKG_VERSION"));

/// What is expected of one request. Its `Idempotency-Key` was worked out by another program: it must never change.
struct Expected {
    line: String,
    credentials: &'static str,
    key: &'static str,
    body: String,
}

impl Expected {
    fn shown(self) -> String {
        let Self {
            line,
            credentials,
            key,
            body,
        } = self;
        let length = body.len();
        let mut headers = vec![
            "accept: */*".to_owned(),
            format!("content-length: {length}"),
            "content-type: application/json".to_owned(),
            format!("idempotency-key: {key}"),
            format!("traceparent: 00-{TRACE}-SPAN-01"),
            format!("user-agent: {USER_AGENT}"),
        ];
        headers.extend((!credentials.is_empty()).then(|| credentials.to_owned()));
        headers.sort();
        format!("{line}\n{}\n\n{body}", headers.join("\n"))
    }
}

/// What the APIs get of a visit that began then, as [`shown`] has it, in alphabetic order.
pub fn requests_of_visit(began: Timestamp) -> Vec<String> {
    let began = began.to_rfc3339();
    let mut all: Vec<String> = of_purchase(&began)
        .into_iter()
        .chain(of_lead_and_login(&began))
        .map(Expected::shown)
        .collect();
    all.sort();
    all
}

fn of_purchase(began: &str) -> [Expected; 5] {
    [
        Expected {
            line: "POST /crm".into(),
            credentials: "authorization: Bearer crm-key",
            key: "97b62967-e800-51c8-a808-633717c7ad72",
            body: format!(
                r#"{{"customerSegment":"returning","lastPurchaseCurrency":"EUR","lastPurchaseDate":"{began}","lastPurchaseValue":184.5,"loyaltyTier":"gold","userId":"cust-48120"}}"#
            ),
        },
        Expected {
            line: "POST /loyalty".into(),
            credentials: "x-api-key: loyalty-key",
            key: "d76989e9-d9af-57fd-ab91-cf193130d429",
            body: r#"{"pointsToAdd":18,"transactionRef":"ORD-70311","userId":"cust-48120"}"#.into(),
        },
        of_stock(
            "TEA-%E7%85%8E%E8%8C%B6",
            -1,
            "c7e4f24e-82f6-5fb7-9ef7-95cd0aa4a087",
        ),
        of_stock("BULB-E14", -10, "34cd817c-17bd-59c4-b88f-45e750f44c48"),
        Expected {
            line: "POST /mail".into(),
            credentials: "",
            key: "03e19a9f-284a-5912-8846-499d95ff7927",
            body: r#"{"currency":"EUR","messageId":"03e19a9f-284a-5912-8846-499d95ff7927","template":"thank-you","transactionRef":"ORD-70311","userId":"cust-48120","value":184.5}"#.into(),
        },
    ]
}

fn of_stock(item: &str, change: i64, key: &'static str) -> Expected {
    Expected {
        line: format!("PATCH /erp/stock/{item}"),
        credentials: "",
        key,
        body: format!(r#"{{"change":{change},"reason":"purchase","transactionRef":"ORD-70311"}}"#),
    }
}

fn of_lead_and_login(began: &str) -> [Expected; 2] {
    let hash = super::hashed_address();
    [
        Expected {
            line: "POST /crm".into(),
            credentials: "authorization: Bearer crm-key",
            key: "513aab37-263f-56d8-96c4-099bfa5aa7c0",
            body: format!(
                r#"{{"emailHashed":"{hash}","leadFormId":"form-7","leadMedium":"email","leadSource":"newsletter","status":"New Lead"}}"#
            ),
        },
        Expected {
            line: "POST /crm".into(),
            credentials: "authorization: Bearer crm-key",
            key: "fbe0e7fc-ce12-5517-98a0-6d0b3050dcf1",
            body: format!(
                r#"{{"isFirstLogin":false,"lastLoginDate":"{began}","loginMethod":"passkey","previousLoginDate":"2025-11-20T10:00:00.000Z","userId":"cust-48120"}}"#
            ),
        },
    ]
}

/// Where the API is, and what its client can unpack, which depends on what else is built beside it.
const NOT_SHOWN: [&str; 2] = ["host", "accept-encoding"];

/// A whole request as text: its line, its headers in alphabetic order, its body. The place within the trace that the updater
/// gave itself is SPAN.
pub fn shown(request: &RecordedRequest) -> String {
    let headers = request.headers.iter();
    let headers: Vec<String> = headers
        .filter(|(name, _)| !NOT_SHOWN.contains(&name.as_str()))
        .map(|(name, value)| match name.as_str() {
            "traceparent" => format!("{name}: {}", without_span(value)),
            _ => format!("{name}: {value}"),
        })
        .collect();
    let body = String::from_utf8_lossy(&request.body);
    let (method, target) = (&request.method, &request.target);
    format!("{method} {target}\n{}\n\n{body}", headers.join("\n"))
}

fn without_span(traceparent: &str) -> String {
    let parts: Vec<&str> = traceparent.split('-').collect();
    match parts[..] {
        [version, trace, span, flags] if span.len() == 16 => {
            format!("{version}-{trace}-SPAN-{flags}")
        }
        _ => traceparent.to_owned(),
    }
}
