//! The bus' contract.

use crate::support::harness;

bus::contract_tests!(crate::support::harness);

#[tokio::test]
async fn google_s_statuses_acknowledge() {
    bus::contract::acknowledges_each_of(&harness().await, &[200, 201, 202, 204]).await;
}

#[tokio::test]
#[should_panic(expected = "203 acknowledges")]
async fn the_emulator_s_203_does_not() {
    bus::contract::acknowledges_each_of(&harness().await, &[203]).await;
}
