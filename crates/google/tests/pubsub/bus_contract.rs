//! The bus' contract.

use crate::support::harness;

bus::contract_tests!(crate::support::harness);

/// Not 202, which the emulator takes for a refusal, unlike Google.
#[tokio::test]
async fn the_emulator_s_statuses_acknowledge() {
    bus::contract::acknowledges_each_of(&harness().await, &[200, 201, 204]).await;
}
