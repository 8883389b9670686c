//! Spans that have ended wait in a queue, and go out together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use opentelemetry::Context;
use opentelemetry::trace::SpanKind;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use prost::Message;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::courier::Courier;
use crate::key;

/// Spans that wait at most, some kilobytes each.
pub(super) const QUEUE: usize = 2048;
/// Spans of one request.
const BATCH: usize = 512;
/// The longest that a span waits for others.
const GATHER: Duration = Duration::from_secs(2);

/// Puts ended spans into the queue. One that finds it full is lost.
#[derive(Debug)]
pub(super) struct Queue {
    spans: mpsc::Sender<SpanData>,
    lost: Arc<AtomicU64>,
}

/// The other end.
pub(super) struct Outlet {
    spans: mpsc::Receiver<SpanData>,
    lost: Arc<AtomicU64>,
    stopping: watch::Receiver<bool>,
    resource: ResourceAttributesWithSchema,
}

impl Queue {
    pub(super) fn new(resource: &Resource, stopping: watch::Receiver<bool>) -> (Self, Outlet) {
        let (sender, spans) = mpsc::channel(QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        let queue = Self {
            spans: sender,
            lost: Arc::clone(&lost),
        };
        (
            queue,
            Outlet {
                spans,
                lost,
                stopping,
                resource: resource.into(),
            },
        )
    }
}

impl SpanProcessor for Queue {
    fn on_start(&self, _span: &mut Span, _context: &Context) {}

    fn on_end(&self, span: SpanData) {
        let wanted = span.span_context.is_sampled() && !is_of_a_stranger(&span);
        if wanted && self.spans.try_send(span).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

impl Outlet {
    /// Sends until told to stop, and then what is left.
    pub(super) async fn run(mut self, mut courier: Courier) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let is_last = self.gather(&mut batch).await;
            let lost = self.lost.swap(0, Ordering::Relaxed);
            if lost > 0 {
                courier.lost(lost as usize, "more end than are taken");
            }
            if !batch.is_empty() {
                let count = batch.len();
                let request = encoded(std::mem::take(&mut batch), &self.resource);
                courier.deliver(request, count).await;
            } else if is_last {
                return;
            }
        }
    }

    /// Waits for a batch: a full one, or what came in a while. True if nothing more is waited for.
    async fn gather(&mut self, batch: &mut Vec<SpanData>) -> bool {
        let mut stopping = self.stopping.clone();
        let mut until: Option<Instant> = None;
        while batch.len() < BATCH {
            // Also when the queue is quiet, so that losses are told of.
            let end = until.unwrap_or_else(|| Instant::now() + GATHER);
            tokio::select! {
                biased;
                span = self.spans.recv() => match span {
                    Some(span) => batch.push(span),
                    None => return true,
                },
                _ = stopping.wait_for(|stopping| *stopping) => return true,
                () = tokio::time::sleep_until(end) => return false,
            }
            until = Some(end);
        }
        false
    }
}

/// Whether it is of a request that was answered 401. Strangers say themselves that they are to be traced: a flood of theirs
/// would push out everybody else's spans, and what receivers take has its price. Metrics count them.
fn is_of_a_stranger(span: &SpanData) -> bool {
    span.span_kind == SpanKind::Server
        && span.attributes.iter().any(|attribute| {
            attribute.key.as_str() == key::HTTP_STATUS.word()
                && attribute.value == opentelemetry::Value::I64(401)
        })
}

fn encoded(spans: Vec<SpanData>, resource: &ResourceAttributesWithSchema) -> Bytes {
    let resource_spans = group_spans_by_resource_and_scope(spans, resource);
    ExportTraceServiceRequest { resource_spans }
        .encode_to_vec()
        .into()
}
