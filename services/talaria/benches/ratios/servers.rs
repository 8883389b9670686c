//! What is measured: the services' libraries on the backends of the question, and bare actix-web beside them.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::{App, HttpResponse, HttpServer, web};
use async_trait::async_trait;
use bus::{Bus, Message, MessageId, PublishError};
use embedded::{BusSettings, EmbeddedBus, EmbeddedStore, StoreSettings};
use events::SystemClock;
use telemetry::{OtlpSettings, Process, Sampler, Telemetry, http_transport};

/// Worker threads of every server here.
pub const WORKERS: usize = 2;

/// What callers of a guarded publisher send.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A server, for as long as the bench runs.
pub struct Server(SocketAddr);

impl Server {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.0)
    }

    pub fn address(&self) -> SocketAddr {
        self.0
    }
}

/// What a bare server does with a body.
#[derive(Clone, Copy)]
pub enum Bare {
    ParsesAndAccepts,
    Accepts,
}

pub fn bare(kind: Bare) -> anyhow::Result<Server> {
    let listener = listener()?;
    let address = listener.local_addr()?;
    let server = HttpServer::new(move || {
        let app = App::new().app_data(web::PayloadConfig::new(1 << 20));
        match kind {
            Bare::ParsesAndAccepts => app.default_service(web::to(parse_and_accept)),
            Bare::Accepts => app.default_service(web::to(HttpResponse::Ok)),
        }
    });
    tokio::spawn(
        server
            .workers(WORKERS)
            .disable_signals()
            .listen(listener)?
            .run(),
    );
    Ok(Server(address))
}

async fn parse_and_accept(body: web::Bytes) -> HttpResponse {
    match serde_json::from_slice::<serde_json::Value>(&body) {
        Ok(event) => HttpResponse::Accepted()
            .json(serde_json::json!({"eventId": event["eventId"], "messageId": "1"})),
        Err(_) => HttpResponse::BadRequest().finish(),
    }
}

struct TakingBus(AtomicU64);

#[async_trait]
impl Bus for TakingBus {
    async fn publish(&self, _topic: &str, _message: Message) -> Result<MessageId, PublishError> {
        Ok(MessageId(
            self.0.fetch_add(1, Ordering::Relaxed).to_string(),
        ))
    }

    async fn ready(&self) -> Result<(), PublishError> {
        Ok(())
    }
}

pub fn taking_bus() -> Arc<dyn Bus> {
    Arc::new(TakingBus(AtomicU64::new(0)))
}

pub async fn durable_bus(directory: &Path) -> anyhow::Result<Arc<dyn Bus>> {
    let client = reqwest::Client::builder().build()?;
    let file = directory.join("bus.sqlite");
    let bus = EmbeddedBus::open(&file, Arc::new(SystemClock), client, BusSettings::default())?;
    bus.create_topic("backend-updates").await?;
    Ok(Arc::new(bus))
}

pub fn publisher(bus: Arc<dyn Bus>) -> anyhow::Result<Server> {
    publisher_with(
        bus,
        publisher::PublisherSettings::default(),
        Telemetry::off(),
    )
}

/// One that asks its callers for [`SECRET`].
pub fn guarded_publisher(bus: Arc<dyn Bus>) -> anyhow::Result<Server> {
    let settings = publisher::PublisherSettings {
        callers: publisher::Callers::SharedSecret,
        shared_secret: Some(publisher::Secret::new(SECRET)),
        ..Default::default()
    };
    publisher_with(bus, settings, Telemetry::off())
}

/// One that tells `receiver` its metrics, and the spans of this share of its requests.
pub fn observed_publisher(
    bus: Arc<dyn Bus>,
    receiver: &Server,
    ratio: f64,
) -> anyhow::Result<Server> {
    let otlp = OtlpSettings {
        endpoint: Some(receiver.url("")),
        sampler: Sampler::ParentBasedTraceIdRatio,
        sampler_ratio: ratio,
        ..OtlpSettings::default()
    };
    let telemetry = Telemetry::start(&otlp, &Process::default(), http_transport)?;
    publisher_with(bus, publisher::PublisherSettings::default(), telemetry)
}

fn publisher_with(
    bus: Arc<dyn Bus>,
    mut settings: publisher::PublisherSettings,
    telemetry: Telemetry,
) -> anyhow::Result<Server> {
    settings.http.workers = WORKERS;
    let dependencies = publisher::Dependencies {
        telemetry,
        bus,
        clock: Arc::new(SystemClock),
        trace_seed: 7,
        token_verifier: None,
    };
    let application = publisher::Application::build(listener()?, dependencies, settings)?;
    let address = application.address();
    std::mem::forget(application);
    Ok(Server(address))
}

pub fn updater(directory: &Path, api: &str) -> anyhow::Result<Server> {
    let mut settings = updater::UpdaterSettings {
        routes: directory.join("routes.yaml"),
        ..Default::default()
    };
    settings.http.workers = WORKERS;
    let routes = format!(
        "destinations:\n  api: {{ url: '{api}', repeat: safe }}\nroutes:\n  - name: points\n    \
         when: event.eventType == \"purchase\"\n    to: api\n    path: '\"/call\"'\n    body: |\n      \
         {{ \"userId\": event.userId, \"points\": floor(mul(event.data.value, \"0.1\")) }}\n"
    );
    std::fs::write(&settings.routes, routes)?;
    let store = Arc::new(EmbeddedStore::open(
        &directory.join("store.sqlite"),
        StoreSettings::default(),
    )?);
    let dependencies = updater::Dependencies {
        telemetry: telemetry::Telemetry::off(),
        ledger: Arc::clone(&store) as Arc<dyn store::Ledger>,
        dead_letters: Arc::clone(&store) as Arc<dyn store::DeadLetters>,
        held_messages: Arc::clone(&store) as Arc<dyn store::HeldMessages>,
        destination_reports: store,
        clock: Arc::new(SystemClock),
        owner: "bench".into(),
        environment: Arc::default(),
        push_verifier: None,
        secret_manager: None,
        google_tokens: None,
    };
    let application = updater::Application::build(listener()?, dependencies, settings)?;
    let address = application.address();
    std::mem::forget(application);
    Ok(Server(address))
}

pub fn counter(file: &Path, max_batch: usize) -> anyhow::Result<(Server, Arc<EmbeddedStore>)> {
    let mut settings = counter::CounterSettings {
        max_batch,
        ..Default::default()
    };
    settings.http.workers = WORKERS;
    let store = Arc::new(EmbeddedStore::open(file, StoreSettings::default())?);
    let dependencies = counter::Dependencies {
        telemetry: telemetry::Telemetry::off(),
        tallies: Arc::clone(&store) as Arc<dyn store::tallies::Tallies>,
        ledger: Arc::clone(&store) as Arc<dyn store::Ledger>,
        dead_letters: Arc::clone(&store) as Arc<dyn store::DeadLetters>,
        held_messages: Arc::clone(&store) as Arc<dyn store::HeldMessages>,
        destination_reports: Arc::clone(&store) as Arc<dyn store::DestinationReports>,
        clock: Arc::new(SystemClock),
        replayer: None,
        push_verifier: None,
    };
    let application = counter::Application::build(listener()?, dependencies, settings)?;
    let address = application.address();
    std::mem::forget(application);
    Ok((Server(address), store))
}

fn listener() -> anyhow::Result<TcpListener> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?)
}
