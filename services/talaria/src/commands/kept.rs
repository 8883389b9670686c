//! Opens what `talaria up` keeps in its data directory, beside it or after it. Looking makes no files.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use embedded::{EmbeddedBus, EmbeddedStore, StoreSettings};
use events::Clock;

use crate::settings::TalariaSettings;

/// The store.
pub(super) fn store(settings: &TalariaSettings) -> anyhow::Result<EmbeddedStore> {
    let file = settings.store_file();
    require(&file, settings)?;
    Ok(EmbeddedStore::open(&file, StoreSettings::default())?)
}

/// The bus, to look at or to publish on: it delivers nothing here.
pub(super) fn bus(
    settings: &TalariaSettings,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<EmbeddedBus> {
    let file = settings.bus_file();
    require(&file, settings)?;
    // Jitter is drawn for deliveries alone.
    let bus = settings.bus.to_embedded(0);
    Ok(EmbeddedBus::open(&file, clock, client()?, bus)?)
}

/// A client for a command: the publisher answers within seconds, or not at all.
pub(crate) fn client() -> anyhow::Result<reqwest::Client> {
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(10))
        .no_proxy();
    client.build().context("can't set up an HTTP client")
}

fn require(file: &Path, settings: &TalariaSettings) -> anyhow::Result<()> {
    if file.exists() {
        return Ok(());
    }
    bail!(
        "there is no {} in {}: nothing has run there yet; start `talaria up`, or name its data directory with --data",
        file.file_name().unwrap_or_default().display(),
        settings.data.display()
    )
}
