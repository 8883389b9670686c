//! The routes file changes while everything runs.

use testing::eventually;

use crate::support::{BackOffice, World, sample};

const ONE_DESTINATION: &str = "\
destinations:
  crm:
    url: ${CRM_API_URL}
    repeat: safe
routes:
  - name: leads
    when: event.eventType == \"generate_lead\"
    to: crm
    body: '{ \"form\": event.data.leadFormId }'
";

const SECOND_ROUTE: &str = "
  - name: leads-shop
    when: event.eventType == \"generate_lead\"
    to: shop
    body: '{ \"form\": event.data.leadFormId }'
";

fn with_shop() -> String {
    let shop = "  shop:\n    url: ${SHOP_API_URL}\n    repeat: safe\nroutes:";
    ONE_DESTINATION.replace("routes:", shop) + SECOND_ROUTE
}

#[tokio::test]
async fn a_destination_that_is_added_gets_the_next_event_and_a_typo_changes_nothing() {
    let office = BackOffice::open().await;
    let world = World::new(&office).with_routes(ONE_DESTINATION);
    let process = world.start().await;
    let leads = sample("publisher_generate_lead");
    process.publish(&leads[0]).await;
    world.all_acknowledged().await;
    assert_eq!(
        office.shown_since(0),
        [r#"crm POST {"form":"demo-request"}"#]
    );

    world.write(
        "routes.yaml",
        &with_shop().replace("leadFormId }", "leadFormId"),
    );
    eventually("the program to refuse the routes file", || async {
        process
            .log()
            .contains("the routes in use stay")
            .then_some(())
    })
    .await;
    process.publish(&leads[1]).await;
    world.all_acknowledged().await;
    assert_eq!(
        office.shown_since(1),
        [r#"crm POST {"form":"whitepaper-2025"}"#]
    );

    world.write("routes.yaml", &with_shop());
    let bus = world.bus();
    eventually("the new destination's subscription", || async {
        let backlog = bus.backlog().await.expect("a bus");
        let is_shop = |name: &str| name == "backend-updates.shop";
        backlog
            .iter()
            .any(|subscription| is_shop(&subscription.name))
            .then_some(())
    })
    .await;
    process.publish(&leads[2]).await;
    world.all_acknowledged().await;
    let expected = [
        r#"crm POST {"form":"contact"}"#,
        r#"shop POST {"form":"contact"}"#,
    ];
    assert_eq!(office.shown_since(2), expected);
    process.stop().await;
}
