//! Projects on the emulators, each with nothing in it.

use anyhow::ensure;
use google::firestore::FirestoreSettings;
use google::pubsub::admin::{AdminSettings, PubSubAdmin, WantedTopology};
use google::pubsub::{PubSubBus, PubSubSettings};
use testing::{firestore_emulator, pubsub_emulator, unique_project};

/// The topic that publishers publish to if nothing else is set.
pub const TOPIC: &str = "backend-updates";

/// A database that holds nothing yet.
pub fn database() -> FirestoreSettings {
    FirestoreSettings {
        emulator_host: Some(firestore_emulator()),
        ..FirestoreSettings::new(unique_project())
    }
}

/// Empties a database, so that the emulator's memory is as free for the next.
pub async fn empty(database: &FirestoreSettings) -> anyhow::Result<()> {
    let (host, project) = (firestore_emulator(), &database.project);
    let url = format!("http://{host}/emulator/v1/projects/{project}/databases/(default)/documents");
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client.delete(url).send().await?;
    ensure!(
        answer.status().is_success(),
        "the emulator can't be emptied: {}",
        answer.status()
    );
    Ok(())
}

/// A bus with a topic that nobody subscribes to.
pub async fn bus() -> anyhow::Result<PubSubBus> {
    let project = unique_project();
    let emulator_host = Some(pubsub_emulator());
    let admin = PubSubAdmin::connect(&AdminSettings {
        emulator_host: emulator_host.clone(),
        ..AdminSettings::new(&project)
    })
    .await?;
    let wanted = WantedTopology {
        topics: vec![TOPIC.to_owned()],
        subscriptions: Vec::new(),
    };
    admin.apply(&wanted, &admin.compare(&wanted).await?).await?;
    let settings = PubSubSettings {
        emulator_host,
        ..PubSubSettings::new(project)
    };
    Ok(PubSubBus::connect(settings).await?)
}
