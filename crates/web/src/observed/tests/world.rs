//! A server whose requests are spans, and a receiver that takes them.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use bus::{MessageId, PushEnvelope, attribute};
use telemetry::{OtlpSettings, Process, Telemetry, http_transport};
use testing::{OtlpReceiver, ReceivedSpan};

use super::super::*;
use crate::{
    Admission, AdmissionSettings, Hosts, HttpSettings, JsonLimits, Problem, PushAcceptance,
    PushCallers, PushRequest, RunningServer, acknowledged, health_endpoints, serve_observed,
};

pub(super) const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
pub(super) const DELIVERY: &str = "00-11111111111111111111111111111111-2222222222222222-01";

pub(super) struct World {
    receiver: OtlpReceiver,
    telemetry: Telemetry,
    pub(super) server: RunningServer,
    pub(super) client: reqwest::Client,
}

struct Well;

#[async_trait::async_trait]
impl crate::Ready for Well {
    fn asks(&self) -> &'static str {
        "nobody"
    }

    async fn ready(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Answers with the trace that the handler was told of.
async fn item(request: HttpRequest) -> HttpResponse {
    let trace = trace_of_request(&request).map(|trace| trace.to_string());
    HttpResponse::Ok().body(trace.unwrap_or_default())
}

async fn broken() -> Result<HttpResponse, Problem> {
    Err(Problem::unavailable("no store", Duration::from_secs(1)))
}

async fn take(request: PushRequest) -> HttpResponse {
    let trace = request.span.context().map(|trace| trace.to_string());
    match request.push.message_id.0.as_str() {
        "refused" => crate::refused(),
        _ => {
            assert_eq!(trace.map(|trace| trace.len()), Some(55));
            acknowledged()
        }
    }
}

impl World {
    pub(super) async fn start() -> Self {
        let receiver = OtlpReceiver::start().await;
        let settings = OtlpSettings {
            endpoint: Some(receiver.http_endpoint()),
            ..OtlpSettings::default()
        };
        let telemetry = Telemetry::start(&settings, &Process::default(), http_transport);
        let telemetry = telemetry.expect("good settings");
        let observation = Observation {
            telemetry: telemetry.clone(),
            push_paths: &["/push"],
            silent_paths: &["/stream"],
        };
        Self {
            receiver,
            telemetry,
            server: serve(observation),
            client: reqwest::Client::builder().build().expect("a client"),
        }
    }

    pub(super) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> String {
        let url = format!("http://{}{path}", self.server.address());
        let request = headers
            .iter()
            .fold(self.client.get(url), |request, (name, value)| {
                request.header(*name, *value)
            });
        request
            .send()
            .await
            .expect("an answer")
            .text()
            .await
            .expect("a body")
    }

    pub(super) async fn push(
        &self,
        path: &str,
        id: &str,
        traceparent: Option<&str>,
        head: Option<&str>,
    ) -> StatusCode {
        let subscription = "projects/shop/subscriptions/events.crm".to_owned();
        let time = "2025-11-25T08:45:00Z".to_owned();
        let mut envelope = PushEnvelope::new(subscription, &MessageId(id.into()), time, b"{}");
        if let Some(traceparent) = traceparent {
            let name = attribute::TRACEPARENT.to_owned();
            envelope
                .message
                .attributes
                .insert(name, traceparent.to_owned());
        }
        let mut request = self
            .client
            .post(format!("http://{}{path}", self.server.address()))
            .header("content-type", "application/json")
            .body(serde_json::to_vec(&envelope).expect("JSON"));
        if let Some(head) = head {
            request = request.header("traceparent", head);
        }
        let status = request.send().await.expect("an answer").status().as_u16();
        StatusCode::from_u16(status).expect("a status")
    }

    /// Stops, so that everything has arrived.
    pub(super) async fn spans(self) -> (Vec<ReceivedSpan>, OtlpReceiver) {
        self.server.stop().await.expect("it stops");
        self.telemetry.stop(Duration::from_secs(30)).await;
        (self.receiver.spans(), self.receiver)
    }
}

pub(super) fn serve(observation: Observation) -> RunningServer {
    let acceptance = web::Data::new(PushAcceptance {
        admission: Admission::new(&AdmissionSettings::default()),
        limits: Arc::new(JsonLimits::default()),
        callers: PushCallers::default()
            .verifier("test", ([127, 0, 0, 1], 0).into(), None)
            .expect("loopback"),
    });
    let readiness = crate::Readiness::new(Arc::new(Well));
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let settings = HttpSettings {
        workers: 1,
        ..HttpSettings::default()
    };
    serve_observed(
        listener,
        &settings,
        Hosts::Any,
        observation,
        move |configuration| {
            configuration.app_data(acceptance.clone());
            health_endpoints(configuration, readiness.clone());
            configuration
                .service(web::scope("/api").route("/items/{id}", web::get().to(item)))
                .route("/stream", web::get().to(item))
                .route("/broken", web::get().to(broken))
                .route("/push/{destination}", web::post().to(take));
        },
    )
    .expect("a server")
}
