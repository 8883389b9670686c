//! Provisioning that is cut off in the middle, and finished by the next run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::project::{ALL, Project, printed, stderr};

/// What is wanted: two topics, four subscriptions.
const CREATIONS: usize = 6;

/// What is lost of a creation.
#[derive(Clone, Copy, Debug)]
enum Lost {
    Request,
    Answer,
}

/// An emulator that is gone from its `n`th creation on; it loses the request of that one, or only its answer.
struct Interrupted {
    address: String,
    creations: Arc<AtomicUsize>,
}

impl Interrupted {
    async fn at(n: usize, lost: Lost) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let creations = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&creations);
        tokio::spawn(async move {
            while let Ok((here, _)) = listener.accept().await {
                if count.load(Ordering::SeqCst) < n {
                    // It ends with an error when either side goes away.
                    tokio::spawn(forward(here, Arc::clone(&count), n, lost));
                }
            }
        });
        Self { address, creations }
    }

    fn creations(&self) -> usize {
        self.creations.load(Ordering::SeqCst)
    }
}

/// The client asks for one thing at a time on a connection, and its requests are short.
async fn forward(
    mut here: TcpStream,
    creations: Arc<AtomicUsize>,
    n: usize,
    lost: Lost,
) -> std::io::Result<()> {
    let mut there = TcpStream::connect(testing::pubsub_emulator()).await?;
    let (mut asked, mut answered) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        tokio::select! {
            read = here.read(&mut asked) => {
                let request = &asked[..read?];
                if request.is_empty() {
                    return Ok(());
                }
                let is_last = request.starts_with(b"PUT ")
                    && creations.fetch_add(1, Ordering::SeqCst) + 1 >= n;
                match (is_last, lost) {
                    (false, _) => there.write_all(request).await?,
                    (true, Lost::Request) => return Ok(()),
                    (true, Lost::Answer) => {
                        there.write_all(request).await?;
                        // Its first byte comes when the thing is made.
                        there.read_u8().await?;
                        return Ok(());
                    }
                }
            }
            read = there.read(&mut answered) => {
                let answer = &answered[..read?];
                if answer.is_empty() {
                    return Ok(());
                }
                here.write_all(answer).await?;
            }
        }
    }
}

#[tokio::test]
async fn provisioning_that_is_cut_off_at_any_creation_is_finished_by_the_next_run() {
    for (n, lost) in (1..=CREATIONS).flat_map(|n| [(n, Lost::Request), (n, Lost::Answer)]) {
        let mut project = Project::new();
        let emulator = Interrupted::at(n, lost).await;
        let reachable = std::mem::replace(&mut project.emulator, emulator.address.clone());
        let cut_off = project.provision(&["--wait", "0s"]).await;
        printed(&cut_off, 1);
        let told = stderr(&cut_off);
        assert!(told.contains("does not answer"), "{n}, {lost:?}: {told}");
        // More where it was tried again.
        assert!(emulator.creations() >= n, "{n}, {lost:?}");
        project.emulator = reachable;
        printed(&project.provision(&[]).await, 0);
        assert_eq!(project.subscriptions().await, ALL, "{n}, {lost:?}");
        let told = printed(&project.provision(&["--dry-run"]).await, 0);
        assert!(told.ends_with(": 6 as wanted, nothing to do\n"), "{told}");
        project.end().await;
    }
}
