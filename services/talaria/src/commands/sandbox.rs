//! `talaria sandbox`: the sandbox back office alone.

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;

use crate::invocation::{Completion, Invocation};
use crate::output;
use crate::sandbox::{APIS, Sandbox};

const EXAMPLES: &str = "\
Examples:
  talaria sandbox
  talaria sandbox --listen 127.0.0.1:9000
  TALARIA_SANDBOX__CALLERS=trusted-network talaria sandbox --listen 0.0.0.0:8090";

/// Where it listens.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SandboxArguments {
    /// Address and port; port 0 takes a free one [default: the one that the settings name, sandbox.listen]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
}

/// Runs until told to stop.
pub(crate) async fn run(
    invocation: &Invocation,
    arguments: &SandboxArguments,
) -> anyhow::Result<Completion> {
    let settings = invocation.settings()?;
    telemetry::start(&settings.log)?;
    let stop = web::StopSignal::listen()?;
    let address = arguments
        .listen
        .as_deref()
        .unwrap_or(&settings.sandbox.listen);
    let listener = TcpListener::bind(address).with_context(|| {
        format!(
            "can't listen on {address}: is another sandbox running? Name another address and port with --listen or \
             TALARIA_SANDBOX__LISTEN"
        )
    })?;
    let clock = Arc::clone(&invocation.clock);
    let sandbox = Sandbox::start(listener, clock, settings.sandbox.callers)?;
    output::line(banner(&format!("http://{}", sandbox.address())))?;
    stop.received().await;
    sandbox.stop().await?;
    Ok(Completion::Well)
}

fn banner(url: &str) -> String {
    let apis = APIS.map(|api| format!("  {url}/{api}")).join("\n");
    format!(
        "The sandbox back office is running on {url}; open it to see what its APIs were sent.

{apis}

Ctrl-C stops."
    )
}
