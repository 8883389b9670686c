//! Every sample line, twice, in any order.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::counter::{Counter, world};
use crate::oracle::Oracle;
use crate::shown::assert_figures;
use crate::support::{envelope, envelope_of_base64, sample};

const SHUFFLES: u64 = 3;

/// One sample line, on its way to the counter.
#[derive(Clone)]
enum Sample {
    Published(String),
    Pushed {
        said_type: &'static str,
        envelope: Value,
    },
}

fn samples() -> Vec<Sample> {
    let published = [
        "publisher_purchase",
        "publisher_generate_lead",
        "publisher_user_login",
    ];
    let mut samples: Vec<Sample> = published
        .into_iter()
        .flat_map(sample)
        .map(|line| Sample::Published(line.to_string()))
        .collect();
    for (file, said_type) in [
        ("hermes_data", ""),
        ("items_realtime", ""),
        ("hermes_publish_bodies", ""),
        ("low_stock", "LowStock"),
        // Promotions hold items too; their push address says what they are.
        ("promotions", "promotion"),
        ("push_envelopes", ""),
    ] {
        for (index, line) in sample(file).into_iter().enumerate() {
            let message_id = format!("{file}-{index}");
            let envelope = match file {
                "push_envelopes" => line,
                "hermes_publish_bodies" => {
                    let data = line["messages"][0]["data"].as_str().expect("a text");
                    envelope_of_base64(&message_id, data)
                }
                _ => envelope(&message_id, &line),
            };
            samples.push(Sample::Pushed {
                said_type,
                envelope,
            });
        }
    }
    samples
}

fn oracle_of(samples: &[Sample]) -> Oracle {
    let mut oracle = Oracle::default();
    for sample in samples {
        match sample {
            Sample::Published(text) => oracle.add(text, "", ""),
            Sample::Pushed {
                said_type,
                envelope,
            } => {
                let message = &envelope["message"];
                let Some(data) = message["data"].as_str() else {
                    continue;
                };
                let text = String::from_utf8(STANDARD.decode(data).expect("base64"));
                let message_id = message["messageId"].as_str().expect("an id");
                oracle.add(&text.expect("UTF-8"), message_id, said_type);
            }
        }
    }
    oracle
}

async fn deliver(counter: &Counter, sample: &Sample) {
    match sample {
        Sample::Published(text) => counter.publish(text).await,
        Sample::Pushed {
            said_type,
            envelope,
        } => {
            let question = if said_type.is_empty() { "" } else { "?as=" };
            counter
                .push(&format!("{question}{said_type}"), envelope)
                .await;
        }
    }
}

#[tokio::test]
async fn every_sample_twice_and_shuffled_counts_each_event_once() {
    let samples = samples();
    let oracle = oracle_of(&samples);
    assert_eq!(oracle.count("purchase"), 17, "counted by hand");
    for seed in 0..SHUFFLES {
        let world = world();
        let counter = Counter::start(&world).await;
        let mut twice = [&samples[..], &samples].concat();
        fastrand::Rng::with_seed(seed).shuffle(&mut twice);
        for sample in &twice {
            deliver(&counter, sample).await;
        }
        world.all_acknowledged().await;
        assert_figures(&counter.page, &oracle).await;
        // The envelope without data.
        assert_eq!(world.reasons().await, ["unreadable"]);
        counter.process.stop().await;
    }
}
