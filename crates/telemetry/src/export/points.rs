//! A report of metrics in pieces that any receiver takes.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{Metric, ResourceMetrics, ScopeMetrics};

/// Points of one request. Google's receiver refuses one with more as a whole; others set no such limit.
pub(super) const MOST_POINTS: usize = 200;

/// The same points in the same order, in requests of at most `most`.
pub(super) fn in_pieces(
    report: ExportMetricsServiceRequest,
    most: usize,
) -> Vec<ExportMetricsServiceRequest> {
    let mut requests = Vec::new();
    for of_resource in report.resource_metrics {
        for of_scope in of_resource.scope_metrics {
            let pieces = of_scope.metrics.into_iter();
            let pieces = pieces.flat_map(|metric| metric_in_pieces(metric, most));
            for metrics in gathered(pieces, most) {
                requests.push(ExportMetricsServiceRequest {
                    resource_metrics: vec![ResourceMetrics {
                        resource: of_resource.resource.clone(),
                        schema_url: of_resource.schema_url.clone(),
                        scope_metrics: vec![ScopeMetrics {
                            scope: of_scope.scope.clone(),
                            schema_url: of_scope.schema_url.clone(),
                            metrics,
                        }],
                    }],
                });
            }
        }
    }
    requests
}

/// Neighbours together, as long as they are at most `most`.
fn gathered(pieces: impl Iterator<Item = (Metric, usize)>, most: usize) -> Vec<Vec<Metric>> {
    let mut groups: Vec<Vec<Metric>> = Vec::new();
    let mut room = 0;
    for (metric, points) in pieces {
        match groups.last_mut() {
            Some(group) if points <= room => group.push(metric),
            _ => {
                groups.push(vec![metric]);
                room = most;
            }
        }
        room -= points;
    }
    groups
}

/// A metric as metrics of the same name with at most `most` points each, and how many each has.
fn metric_in_pieces(mut metric: Metric, most: usize) -> Vec<(Metric, usize)> {
    let mut pieces = Vec::new();
    loop {
        let mut rest = metric.clone();
        let (Some(here), Some(there)) = (&mut metric.data, &mut rest.data) else {
            return pieces;
        };
        let left = match (here, there) {
            (Data::Gauge(here), Data::Gauge(there)) => {
                cut(&mut here.data_points, &mut there.data_points, most)
            }
            (Data::Sum(here), Data::Sum(there)) => {
                cut(&mut here.data_points, &mut there.data_points, most)
            }
            (Data::Histogram(here), Data::Histogram(there)) => {
                cut(&mut here.data_points, &mut there.data_points, most)
            }
            (Data::ExponentialHistogram(here), Data::ExponentialHistogram(there)) => {
                cut(&mut here.data_points, &mut there.data_points, most)
            }
            (Data::Summary(here), Data::Summary(there)) => {
                cut(&mut here.data_points, &mut there.data_points, most)
            }
            // One is the other's copy.
            _ => return pieces,
        };
        pieces.push((metric, left.0));
        if left.1 == 0 {
            return pieces;
        }
        metric = rest;
    }
}

/// Leaves the first `most` here and the others there; how many each has.
fn cut<Point>(here: &mut Vec<Point>, there: &mut Vec<Point>, most: usize) -> (usize, usize) {
    here.truncate(most);
    there.drain(..here.len());
    (here.len(), there.len())
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::metrics::v1::{Gauge, NumberDataPoint, Sum};

    use super::*;

    fn points(count: u64) -> Vec<NumberDataPoint> {
        let point = |number| NumberDataPoint {
            time_unix_nano: number,
            ..NumberDataPoint::default()
        };
        (0..count).map(point).collect()
    }

    fn report(metrics: Vec<Metric>) -> ExportMetricsServiceRequest {
        ExportMetricsServiceRequest {
            resource_metrics: vec![ResourceMetrics {
                scope_metrics: vec![ScopeMetrics {
                    metrics,
                    ..ScopeMetrics::default()
                }],
                ..ResourceMetrics::default()
            }],
        }
    }

    fn metric(name: &str, data: Data) -> Metric {
        Metric {
            name: name.into(),
            data: Some(data),
            ..Metric::default()
        }
    }

    /// Name and points of each metric of each request.
    fn shape(requests: &[ExportMetricsServiceRequest]) -> Vec<Vec<(String, usize)>> {
        let of_metric = |metric: &Metric| {
            let points = match &metric.data {
                Some(Data::Gauge(gauge)) => gauge.data_points.len(),
                Some(Data::Sum(sum)) => sum.data_points.len(),
                _ => 0,
            };
            (metric.name.clone(), points)
        };
        requests
            .iter()
            .map(|request| {
                let scopes = &request.resource_metrics[0].scope_metrics;
                scopes[0].metrics.iter().map(of_metric).collect()
            })
            .collect()
    }

    #[test]
    fn many_points_arrive_in_several_requests_and_none_is_lost() {
        let sum = |count| {
            Data::Sum(Sum {
                data_points: points(count),
                aggregation_temporality: 2,
                is_monotonic: true,
            })
        };
        let gauge = Data::Gauge(Gauge {
            data_points: points(60),
        });
        let requests = in_pieces(
            report(vec![metric("effects", sum(450)), metric("held", gauge)]),
            MOST_POINTS,
        );
        let name = |name: &str, points| (name.to_owned(), points);
        assert_eq!(
            shape(&requests),
            [
                vec![name("effects", 200)],
                vec![name("effects", 200)],
                vec![name("effects", 50), name("held", 60)],
            ]
        );
        let times = requests.iter().flat_map(|request| {
            let metric = &request.resource_metrics[0].scope_metrics[0].metrics[0];
            match &metric.data {
                Some(Data::Sum(sum)) => {
                    assert!(sum.is_monotonic && sum.aggregation_temporality == 2);
                    sum.data_points.clone()
                }
                other => panic!("{other:?}"),
            }
        });
        let times: Vec<u64> = times.map(|point| point.time_unix_nano).collect();
        assert_eq!(times, (0..450).collect::<Vec<u64>>());
    }

    #[test]
    fn a_small_report_is_one_request_and_an_empty_one_none() {
        let gauge = |count| {
            Data::Gauge(Gauge {
                data_points: points(count),
            })
        };
        let small = report(vec![metric("a", gauge(1)), metric("b", gauge(199))]);
        assert_eq!(in_pieces(small.clone(), MOST_POINTS), [small]);
        assert_eq!(in_pieces(report(Vec::new()), MOST_POINTS), []);
    }
}
