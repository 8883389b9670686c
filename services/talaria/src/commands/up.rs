//! `talaria up`: all of it, here.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use publisher::Callers;
use serde_json::json;
use telemetry::Telemetry;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use updater::routes::Routes;

use crate::demo::{self, Demo, DemoTarget};
use crate::invocation::{Completion, Invocation};
use crate::output;
use crate::proof::Proof;
use crate::settings::TalariaSettings;
use crate::wiring::Running;

const EXAMPLES: &str = "\
Examples:
  talaria up
  talaria up --demo --demo-rate 20
  talaria up --no-sandbox --data /var/lib/talaria";

/// What can be said to `up`.
#[derive(Args, Clone, Debug, Default, PartialEq)]
#[command(after_help = EXAMPLES)]
pub(crate) struct UpArguments {
    /// Don't start the sandbox back office; the routes file then needs real addresses
    #[arg(long)]
    no_sandbox: bool,
    /// Add a small shop's traffic
    #[arg(long)]
    pub(crate) demo: bool,
    /// Events a second of --demo [default: 2]
    #[arg(long, value_name = "N", requires = "demo", value_parser = clap::value_parser!(u32).range(1..=1000))]
    demo_rate: Option<u32>,
    /// The same seed gives the same traffic [default: 1]
    #[arg(long, value_name = "SEED", requires = "demo")]
    demo_seed: Option<u64>,
}

impl UpArguments {
    fn events_a_second(&self) -> u32 {
        self.demo_rate.unwrap_or(2).max(1)
    }
}

/// The demo's shop has been open for so long, so that there is something to compare with,
const DEMO_PAST: Duration = Duration::from_secs(60 * 60);
/// unless that would be more events than are worth waiting for.
const DEMO_PAST_EVENTS: u32 = 10_000;

/// Runs until told to stop.
pub(crate) async fn run(
    invocation: &Invocation,
    arguments: &UpArguments,
) -> anyhow::Result<Completion> {
    let mut settings = invocation.settings()?;
    if arguments.no_sandbox {
        settings.sandbox.enabled = false;
    }
    telemetry::start(&settings.log)?;
    let process = web::program::process("talaria", settings.log.google_project.as_deref());
    let telemetry = Telemetry::start(&settings.otlp, &process, telemetry::http_transport)?;
    let mut told = None;
    let ended = run_until_stopped(invocation, arguments, &settings, &telemetry, &mut told).await;
    web::program::flush(&telemetry, told).await;
    ended
}

/// `told` becomes when it was told to stop.
async fn run_until_stopped(
    invocation: &Invocation,
    arguments: &UpArguments,
    settings: &TalariaSettings,
    telemetry: &Telemetry,
    told: &mut Option<Instant>,
) -> anyhow::Result<Completion> {
    let stop = web::StopSignal::listen()?;
    let running = Running::start(
        settings,
        &invocation.environment,
        &invocation.clock,
        telemetry,
    )
    .await?;
    let addresses = running.addresses();
    if arguments.demo
        && let Err(refusal) = only_the_sandbox_is_called(&running.routes(), &addresses, invocation)
    {
        running.stop().await?;
        return Err(refusal);
    }
    write_addresses(settings, &addresses)?;
    output::line(banner(settings, &addresses, arguments))?;
    let traffic = arguments
        .demo
        .then(|| start_demo(invocation, arguments, settings, &addresses))
        .transpose()?;
    stop.received().await;
    *told = Some(Instant::now());
    output::note("stopping: what was accepted is finished first");
    if let Some((stop, task)) = traffic {
        drop(stop);
        task.await.context("the demo broke off")?;
    }
    running.stop().await?;
    Ok(Completion::Well)
}

/// Where each part listens, as a URL.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    pub(crate) publisher: String,
    pub(crate) updater: String,
    pub(crate) counter: String,
    pub(crate) sandbox: Option<String>,
}

/// Real APIs must not be sent what the demo invents.
fn only_the_sandbox_is_called(
    routes: &Routes,
    addresses: &Addresses,
    invocation: &Invocation,
) -> anyhow::Result<()> {
    let mut called = Vec::new();
    for destination in routes.destinations() {
        let (id, url) = (&destination.id, &destination.url);
        if addresses.sandbox.as_deref() == Some(url.origin().ascii_serialization().as_str()) {
            continue;
        }
        let variable = format!("{}_API_URL", id.to_ascii_uppercase().replace('-', "_"));
        let mend = match invocation.environment.contains_key(&variable) {
            true => format!("unset {variable}"),
            false => format!("let {id} in the routes file call the sandbox"),
        };
        called.push(format!("{id} calls {url}: {mend}"));
    }
    ensure!(
        called.is_empty(),
        "--demo invents orders, and {}, or leave --demo out",
        called.join("; ")
    );
    Ok(())
}

fn write_addresses(settings: &TalariaSettings, addresses: &Addresses) -> anyhow::Result<()> {
    let file = settings.addresses_file();
    let text = json!({
        "publisher": addresses.publisher,
        "updater": addresses.updater,
        "counter": addresses.counter,
        "sandbox": addresses.sandbox,
    });
    // Beside and then in place, so that who waits for the file never reads half of it.
    let draft = file.with_extension("draft");
    std::fs::write(&draft, format!("{text:#}\n"))
        .and_then(|()| std::fs::rename(&draft, &file))
        .with_context(|| format!("can't write {}", file.display()))
}

fn banner(settings: &TalariaSettings, addresses: &Addresses, arguments: &UpArguments) -> String {
    let Addresses {
        publisher,
        updater,
        counter,
        sandbox,
    } = addresses;
    let try_it = first_event(settings, publisher);
    let (listed, looked) = match sandbox {
        Some(sandbox) => (
            format!("\n  sandbox    {sandbox}   stand-in APIs; open it to see what they were sent"),
            format!(", and {sandbox} what the APIs were sent"),
        ),
        None => Default::default(),
    };
    let demo = match arguments.demo {
        true => format!(
            "\n  demo       {} invented events a second; they go to the sandbox alone",
            arguments.events_a_second()
        ),
        false => String::new(),
    };
    format!(
        "Talaria is running.

  page       {counter}   what sells, live; open it
  publisher  {publisher}   POST /publish-event
  updater    {updater}   pushes go here{listed}
  data       {data}
  routes     {routes}{demo}

Try it (twice: the second changes nothing):

  {try_it}

Then {counter} shows the sale, `talaria journey try-1` what became of it{looked}.
Ctrl-C stops.",
        data = settings.data.display(),
        routes = settings.updater.routes.display(),
    )
}

/// The command that publishes a first event.
fn first_event(settings: &TalariaSettings, publisher: &str) -> String {
    let event = "{\"eventType\":\"purchase\",\"eventId\":\"try-1\",\"userId\":\"cust-1\",\"data\":{\"transactionId\":\"TRY-1\",\
        \"value\":184.5,\"currency\":\"EUR\",\"items\":[{\"item_id\":\"LAMP-07\",\"price\":184.5,\"quantity\":1}]}}";
    let key = match settings.publisher.callers {
        // Nobody signs by hand.
        Callers::Hmac => return format!("echo '{event}' | talaria send - --to {publisher}"),
        _ if settings.publisher.shared_secret.is_some() => " -H \"X-Talaria-Key: $KEY\"",
        _ => "",
    };
    format!(
        "curl -i {publisher}/publish-event{key} -H 'Content-Type: application/json' -d '{event}'"
    )
}

type Traffic = (oneshot::Sender<()>, JoinHandle<u64>);

/// Traffic that ends when the sender is dropped.
fn start_demo(
    invocation: &Invocation,
    arguments: &UpArguments,
    settings: &TalariaSettings,
    addresses: &Addresses,
) -> anyhow::Result<Traffic> {
    let spacing = Duration::from_secs(1) / arguments.events_a_second();
    let now = invocation.clock.now();
    let past = DEMO_PAST.as_millis() / spacing.as_millis().max(1);
    let past = u32::try_from(past)
        .unwrap_or(u32::MAX)
        .min(DEMO_PAST_EVENTS);
    let run = format!("{:x}", now.millis());
    let start = now.minus(spacing * past);
    let demo = Demo::new(arguments.demo_seed.unwrap_or(1), run, start, spacing);
    let target = DemoTarget {
        url: format!("{}/publish-event", addresses.publisher).parse()?,
        proof: Proof::of_settings(&settings.publisher)?,
        clock: Arc::clone(&invocation.clock),
        client: super::kept::client()?,
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        let stopped = async {
            // The sender says nothing; it is dropped when it is time.
            let _ = stopped.await;
        };
        demo::send(demo, past, &target, stopped).await
    });
    Ok((stop, task))
}
