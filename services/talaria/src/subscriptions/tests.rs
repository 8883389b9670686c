//! From routes to subscriptions.

use super::*;

const ROUTES: &str = "\
destinations:
  crm: { url: https://crm.example, repeat: safe, timeout: 5s }
  erp: { url: https://erp.example, repeat: safe, timeout: 40s }
  mail: { url: https://mail.example, repeat: unsafe, timeout: 120s, filter: 'attributes.eventType = \"purchase\"' }
routes:
  - { name: leads, when: event.eventType == \"generate_lead\", to: crm, body: '{ \"a\": 1 }' }
  - { name: stock, when: event.eventType == \"purchase\", to: erp, body: '{ \"a\": 1 }' }
  - { name: thanks, when: event.eventType == \"purchase\", to: mail, body: '{ \"a\": 1 }' }
";

fn routes(text: &str) -> Routes {
    updater::routes::load(text, "routes.yaml", &|_| None).expect("good routes")
}

fn plan() -> SubscriptionPlan {
    SubscriptionPlan {
        topic: "backend-updates".into(),
        updater: "https://updater.example/".parse().expect("a URL"),
        counter: "https://counter.example".parse().expect("a URL"),
        push_identity: None,
        redelivery: Redelivery::default(),
    }
}

#[test]
fn a_routes_file_makes_two_topics_and_a_subscription_for_each_destination_and_two_more() {
    let desired = plan().desired(&routes(ROUTES));
    assert_eq!(
        desired.topics,
        ["backend-updates", "backend-updates-dead-letter"]
    );
    let shown: Vec<_> = desired
        .subscriptions
        .iter()
        .map(|subscription| {
            (
                subscription.name.as_str(),
                subscription.topic.as_str(),
                subscription.endpoint.as_str(),
                subscription.ack_deadline.as_secs(),
                subscription.dead_letter_topic.as_deref(),
                subscription.filter.as_deref(),
            )
        })
        .collect();
    let (topic, dead) = ("backend-updates", "backend-updates-dead-letter");
    let to = "https://updater.example/process-backend-update";
    let filter = "attributes.eventType = \"purchase\"";
    let expected = [
        (
            "backend-updates.crm",
            topic,
            &*format!("{to}/crm"),
            60,
            Some(dead),
            None,
        ),
        (
            "backend-updates.erp",
            topic,
            &*format!("{to}/erp"),
            110,
            Some(dead),
            None,
        ),
        (
            "backend-updates.mail~b6f238d6",
            topic,
            &*format!("{to}/mail"),
            270,
            Some(dead),
            Some(filter),
        ),
        (
            "backend-updates.counter",
            topic,
            "https://counter.example/tally",
            60,
            Some(dead),
            None,
        ),
        (
            "backend-updates-dead-letter.updater",
            dead,
            "https://updater.example/dead-letter",
            60,
            None,
            None,
        ),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn another_filter_makes_another_subscription_of_the_same_destination() {
    let name = |filter: &str| {
        let routes = routes(&ROUTES.replace("attributes.eventType = \"purchase\"", filter));
        plan().of_destination("updates", "mail", &routes).name
    };
    let (one, other) = (name("attributes:a"), name("attributes:b"));
    assert_eq!(one, name("attributes:a"));
    assert_ne!(one, other);
    for name in [&one, &other] {
        let (_, part) = name.rsplit_once('.').expect("a topic and a part");
        assert_eq!(destination_of(part), "mail");
    }
    assert_eq!(destination_of("crm"), "crm");
}

#[test]
fn tokens_are_for_the_service_that_is_pushed_to_unless_one_audience_is_named() {
    let account = "push@shop.iam.gserviceaccount.com";
    let audiences = |audience: Option<&str>| {
        let mut plan = plan();
        plan.push_identity = Some(PushIdentity {
            service_account: account.into(),
            audience: audience.map(str::to_owned),
        });
        let tokens = plan.desired(&routes(ROUTES)).subscriptions.into_iter();
        tokens
            .map(|subscription| subscription.token.expect("a token"))
            .inspect(|token| assert_eq!(token.service_account, account))
            .map(|token| token.audience)
            .collect::<Vec<_>>()
    };
    let (updater, counter) = ("https://updater.example", "https://counter.example");
    assert_eq!(
        audiences(None),
        [updater, updater, updater, counter, updater]
    );
    assert_eq!(audiences(Some("talaria")), ["talaria"; 5]);
    assert!(
        plan()
            .desired(&routes(ROUTES))
            .subscriptions
            .iter()
            .all(|one| one.token.is_none())
    );
}

#[test]
fn a_service_below_a_path_keeps_it() {
    let mut plan = plan();
    plan.counter = "https://gateway.example/counter/".parse().expect("a URL");
    assert_eq!(
        plan.of_counter("updates").endpoint.as_str(),
        "https://gateway.example/counter/tally"
    );
}

#[test]
fn a_destination_that_is_gone_still_has_a_subscription_for_what_it_owes() {
    let gone = plan().of_destination("updates", "gone", &routes(ROUTES));
    assert_eq!(gone.name, "updates.gone");
    assert_eq!(gone.ack_deadline, Duration::from_secs(60));
}

#[test]
fn both_buses_deliver_as_often_and_as_long() {
    let (ours, embedded) = (Redelivery::default(), embedded::BusSettings::default());
    assert_eq!(ours.shortest, embedded.retry_min);
    assert_eq!(ours.longest, embedded.retry_max);
    assert_eq!(ours.max_attempts, embedded.max_delivery_attempts);
    assert_eq!(ours.retention, embedded.retention);
}
