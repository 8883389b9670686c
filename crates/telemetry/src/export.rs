//! Spans and metrics, from the first to the last: started with the process, handed to its services, flushed at its end.

mod courier;
mod http;
mod metrics;
mod points;
mod resource;
mod traces;
mod transport;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry::metrics::MeterProvider;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{Sampler as SdkSampler, SdkTracerProvider};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::{Metrics, OtlpError, OtlpSettings, Sampler, Targets, Tracer};
use courier::Courier;
pub use http::{HttpTransport, http_transport};
pub use resource::Process;
pub use transport::{Authorization, MOST_ANSWER_BYTES, SendError, Signal, Transport};

/// Under which name all of it was recorded.
const SCOPE: &str = "talaria";

/// Spans and metrics of a process; cloning shares them. The default is off.
#[derive(Clone, Default)]
pub struct Telemetry {
    tracer: Tracer,
    metrics: Metrics,
    pipeline: Option<Arc<Pipeline>>,
}

/// What must be ended.
struct Pipeline {
    stopping: watch::Sender<bool>,
    meters: Option<SdkMeterProvider>,
    outlets: Mutex<Vec<JoinHandle<()>>>,
}

impl Telemetry {
    /// Nothing is recorded, and nothing that could be costs anything.
    pub fn off() -> Self {
        Self::default()
    }

    /// Starts recording, and sending from the tokio runtime that this is called on; off if nobody is named who takes it.
    /// `transport` is asked for the way to the receivers, if there are any.
    pub fn start(
        settings: &OtlpSettings,
        process: &Process,
        transport: impl FnOnce(&Targets) -> Result<Arc<dyn Transport>, OtlpError>,
    ) -> Result<Self, OtlpError> {
        let Some(targets) = settings.targets()? else {
            return Ok(Self::off());
        };
        let resource = process.resource(settings)?;
        let transport = transport(&targets)?;
        let (stopping, stops) = watch::channel(false);
        let mut outlets = Vec::new();
        let courier = |signal| Courier::new(Arc::clone(&transport), signal, targets.timeout);
        let mut telemetry = Self::default();
        if targets.traces.is_some() {
            let (queue, outlet) = traces::Queue::new(&resource, stops.clone());
            telemetry.tracer = tracer(queue, settings, resource.clone());
            outlets.push(tokio::spawn(outlet.run(courier(Signal::Traces))));
        }
        let mut meters = None;
        if targets.metrics.is_some() {
            let (reports, outlet) = metrics::Reports::new(stops);
            let provider = meter_provider(reports, settings, resource);
            telemetry.metrics = Metrics::of(&provider.meter_with_scope(scope()));
            meters = Some(provider);
            outlets.push(tokio::spawn(outlet.run(courier(Signal::Metrics))));
        }
        telemetry.pipeline = Some(Arc::new(Pipeline {
            stopping,
            meters,
            outlets: Mutex::new(outlets),
        }));
        Ok(telemetry)
    }

    /// Whether anything is recorded.
    pub fn is_on(&self) -> bool {
        self.pipeline.is_some()
    }

    /// What begins spans.
    pub fn tracer(&self) -> &Tracer {
        &self.tracer
    }

    /// What counts and measures.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Sends what was recorded, for at most so long, and stops; what is recorded from then on is lost. Once is enough,
    /// whichever clone is told.
    pub async fn stop(&self, within: Duration) {
        let Some(pipeline) = &self.pipeline else {
            return;
        };
        let outlets = std::mem::take(
            &mut *pipeline
                .outlets
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        let stopping = async {
            if let Some(meters) = pipeline.meters.clone() {
                // It waits for its thread, which collects the last report and hands it over.
                let collected =
                    tokio::task::spawn_blocking(move || meters.shutdown_with_timeout(within));
                // That it was stopped before is no news.
                let _ = collected.await;
            }
            pipeline.stopping.send_replace(true);
            for outlet in outlets {
                // One that panicked has nothing left to send.
                let _ = outlet.await;
            }
        };
        if tokio::time::timeout(within, stopping).await.is_err() {
            tracing::warn!(
                "stopped before the receiver at otlp.endpoint took the last spans and metrics"
            );
        }
    }
}

fn scope() -> InstrumentationScope {
    InstrumentationScope::builder(SCOPE)
        .with_version(env!("CARGO_PKG_VERSION"))
        .build()
}

fn tracer(queue: traces::Queue, settings: &OtlpSettings, resource: Resource) -> Tracer {
    let provider = SdkTracerProvider::builder()
        .with_sampler(sampler(settings))
        .with_span_processor(queue)
        .with_resource(resource)
        .build();
    Tracer::of(provider.tracer_with_scope(scope()))
}

fn meter_provider(
    reports: metrics::Reports,
    settings: &OtlpSettings,
    resource: Resource,
) -> SdkMeterProvider {
    let reader = PeriodicReader::builder(reports)
        .with_interval(settings.metric_interval)
        .build();
    SdkMeterProvider::builder()
        .with_reader(reader)
        .with_resource(resource)
        .build()
}

fn sampler(settings: &OtlpSettings) -> SdkSampler {
    let share = || SdkSampler::TraceIdRatioBased(settings.sampler_ratio);
    let as_caller = |own: SdkSampler| SdkSampler::ParentBased(Box::new(own));
    match settings.sampler {
        Sampler::AlwaysOn => SdkSampler::AlwaysOn,
        Sampler::AlwaysOff => SdkSampler::AlwaysOff,
        Sampler::TraceIdRatio => share(),
        Sampler::ParentBasedAlwaysOn => as_caller(SdkSampler::AlwaysOn),
        Sampler::ParentBasedAlwaysOff => as_caller(SdkSampler::AlwaysOff),
        Sampler::ParentBasedTraceIdRatio => as_caller(share()),
    }
}
