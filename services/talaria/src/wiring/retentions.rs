//! Refuses settings under which a part forgets an event that the bus may still deliver.

use anyhow::ensure;

use crate::settings::TalariaSettings;

/// A message can be delivered again as long as the bus keeps it; whoever forgot its event by then does it twice.
pub(super) fn check(settings: &TalariaSettings) -> anyhow::Result<()> {
    let bus = settings.bus.retention;
    ensure!(
        settings.updater.dedupe_retention > bus,
        "updater.dedupe_retention must be longer than bus.retention, or a message that comes again has its calls made \
         twice: lengthen the first or shorten the second"
    );
    ensure!(
        settings.counter.marker_retention > bus,
        "counter.marker_retention must be longer than bus.retention, or a message that comes again is counted twice: \
         lengthen the first or shorten the second"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_remembers_events_must_remember_them_longer_than_the_bus_keeps_messages() {
        type Change = fn(&mut TalariaSettings);
        let second = Duration::from_secs(1);
        let cases: [(Duration, Change, Option<&str>); 4] = [
            (second, |_| {}, None),
            (
                Duration::ZERO,
                |settings| settings.counter.marker_retention *= 2,
                Some("updater.dedupe_retention"),
            ),
            (
                Duration::ZERO,
                |settings| settings.updater.dedupe_retention *= 2,
                Some("counter.marker_retention"),
            ),
            (
                Duration::ZERO,
                |settings| {
                    settings.updater.dedupe_retention *= 2;
                    settings.counter.marker_retention *= 2;
                },
                None,
            ),
        ];
        for (longer, change, expected) in cases {
            let mut settings = TalariaSettings::default();
            settings.updater.dedupe_retention = settings.bus.retention + longer;
            settings.counter.marker_retention = settings.bus.retention + longer;
            change(&mut settings);
            let said = check(&settings).err().map(|error| error.to_string());
            let named = said.as_deref().and_then(|said| said.split(' ').next());
            assert_eq!(named, expected);
        }
    }
}
