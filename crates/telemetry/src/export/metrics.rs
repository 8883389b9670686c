//! Metrics are collected on the SDK's own thread each interval and handed over encoded. Each report holds everything since
//! the start, so one that finds the last still waiting is no loss.

use std::time::Duration;

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use prost::Message;
use tokio::sync::{mpsc, watch};

use super::courier::Courier;
use super::points::{MOST_POINTS, in_pieces};

/// One on its way, one that waits, and the last one at the end.
const QUEUE: usize = 2;

/// Hands reports over.
pub(super) struct Reports(mpsc::Sender<Vec<Bytes>>);

/// The other end.
pub(super) struct Outlet {
    reports: mpsc::Receiver<Vec<Bytes>>,
    stopping: watch::Receiver<bool>,
}

impl Reports {
    pub(super) fn new(stopping: watch::Receiver<bool>) -> (Self, Outlet) {
        let (sender, reports) = mpsc::channel(QUEUE);
        (Self(sender), Outlet { reports, stopping })
    }
}

impl PushMetricExporter for Reports {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let report = ExportMetricsServiceRequest::from(metrics);
        let pieces = in_pieces(report, MOST_POINTS).into_iter();
        let pieces = pieces.map(|piece| piece.encode_to_vec().into()).collect();
        // Full: the next report says the same and more.
        let _ = self.0.try_send(pieces);
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

impl Outlet {
    /// Sends until told to stop, and then what is left.
    pub(super) async fn run(mut self, mut courier: Courier) {
        loop {
            let report = tokio::select! {
                biased;
                report = self.reports.recv() => report,
                _ = self.stopping.wait_for(|stopping| *stopping) => None,
            };
            match report {
                Some(pieces) => {
                    for piece in pieces {
                        courier.deliver(piece, 1).await;
                    }
                }
                None => return,
            }
        }
    }
}
