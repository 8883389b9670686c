//! The few calls that the store makes of Firestore, each bounded in time, with errors that are the caller's choices.

mod count;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use firestore::FirestoreDb;
use firestore::gcloud_sdk::google::firestore::v1::batch_get_documents_request::ConsistencySelector;
use firestore::gcloud_sdk::google::firestore::v1::batch_get_documents_response::Result as Found;
use firestore::gcloud_sdk::google::firestore::v1::run_query_request::QueryType;
use firestore::gcloud_sdk::google::firestore::v1::{
    BatchGetDocumentsRequest, CommitRequest, Document, ListenRequest, ListenResponse,
    RunQueryRequest, StructuredQuery, Write, WriteResult,
};
use firestore::gcloud_sdk::prost_types;
use firestore::gcloud_sdk::tonic::{Code, Status, Streaming};
use futures_util::{Stream, TryStreamExt};
use store::StoreUnavailable;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::connection::connect;
use super::{FirestoreSettings, names};

/// Commits that lost against others writing the same documents are tried so often; nothing was written by them. Each may
/// have waited long for a lock, so none is begun once they have taken as long as one request may.
const TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// Documents that are asked for in one request.
const GET_AT_ONCE: usize = 500;

/// Why a commit wrote nothing, or may have written something.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommitError {
    /// A document was there, or wasn't, or was changed. Nothing was written.
    #[error("a document is not as it was expected: {0}")]
    Precondition(String),
    /// It can't be written, now or later. Nothing was written.
    #[error("Firestore refuses the commit: {0}")]
    Refused(String),
    /// Whether it was written is not known.
    #[error(transparent)]
    Unavailable(#[from] StoreUnavailable),
}

impl From<CommitError> for StoreUnavailable {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Unavailable(unavailable) => unavailable,
            other => Self::new(other),
        }
    }
}

/// Documents, all as they were at one time.
pub(super) struct Snapshot {
    pub(super) documents: Vec<Document>,
    /// When; `None` if nothing was asked for.
    pub(super) read_time: Option<prost_types::Timestamp>,
}

/// One database. Its connection is made at the first call, on the runtime that this was made on.
pub(super) struct Client {
    settings: FirestoreSettings,
    database: String,
    connection: OnceCell<FirestoreDb>,
    /// Where the connection lives; `None` if it was made outside of any.
    home: Option<Handle>,
    documents_read: AtomicU64,
}

impl Client {
    pub(super) fn new(settings: FirestoreSettings) -> Self {
        let database = format!(
            "projects/{}/databases/{}",
            settings.project, settings.database
        );
        Self {
            settings,
            database,
            connection: OnceCell::new(),
            home: Handle::try_current().ok(),
            documents_read: AtomicU64::new(0),
        }
    }

    pub(super) fn settings(&self) -> &FirestoreSettings {
        &self.settings
    }

    /// The full name of a document. `id` may be any text.
    pub(super) fn document(&self, collection: &str, id: &str) -> String {
        let id = names::escaped(id);
        format!("{}/documents/{collection}/{id}", self.database)
    }

    /// All writes in order, or none. Results are those of the writes, in their order.
    pub(super) async fn commit(&self, writes: Vec<Write>) -> Result<Vec<WriteResult>, CommitError> {
        let mut pause = FIRST_PAUSE;
        let begun = Instant::now();
        for _ in 1..TRIES {
            // Somebody else writes the same documents; in step with him both would lose again.
            let wait = pause.mul_f64(0.5 + fastrand::f64());
            match self.commit_once(writes.clone()).await? {
                Err(status)
                    if status.code() == Code::Aborted
                        && begun.elapsed() + wait < self.settings.request_timeout => {}
                answer => return answer.map_err(|status| commit_error(&status)),
            }
            tokio::time::sleep(wait).await;
            pause *= 2;
        }
        let last = self.commit_once(writes).await?;
        last.map_err(|status| commit_error(&status))
    }

    async fn commit_once(
        &self,
        writes: Vec<Write>,
    ) -> Result<Result<Vec<WriteResult>, Status>, StoreUnavailable> {
        let request = CommitRequest {
            database: self.database.clone(),
            writes,
            ..CommitRequest::default()
        };
        let mut client = self.connection().await?.client().get();
        let answer = self.bounded(async { Ok(client.commit(request).await) });
        Ok(answer
            .await?
            .map(|response| response.into_inner().write_results))
    }

    /// The documents of those names that are there, in no order. `names` are as [`document`](Self::document) makes them.
    pub(super) async fn get(&self, names: &[String]) -> Result<Vec<Document>, StoreUnavailable> {
        Ok(self.get_at(names, None).await?.documents)
    }

    /// The same as they were at that time, which a read of the last hour has told; all as of one time.
    pub(super) async fn get_at(
        &self,
        names: &[String],
        mut read_time: Option<prost_types::Timestamp>,
    ) -> Result<Snapshot, StoreUnavailable> {
        let mut documents = Vec::with_capacity(names.len());
        for names in names.chunks(GET_AT_ONCE) {
            let request = BatchGetDocumentsRequest {
                database: self.database.clone(),
                documents: names.to_vec(),
                consistency_selector: read_time.map(ConsistencySelector::ReadTime),
                ..BatchGetDocumentsRequest::default()
            };
            let mut client = self.connection().await?.client().get();
            let reading = async {
                let stream = client.batch_get_documents(request).await?.into_inner();
                stream.try_collect::<Vec<_>>().await
            };
            let answers = self.bounded(reading).await?;
            self.count_read(answers.len());
            for answer in answers {
                read_time = read_time.or(answer.read_time);
                if let Some(Found::Found(document)) = answer.result {
                    documents.push(document);
                }
            }
        }
        Ok(Snapshot {
            documents,
            read_time,
        })
    }

    /// The document of that name, if it is there.
    pub(super) async fn get_one(&self, name: String) -> Result<Option<Document>, StoreUnavailable> {
        Ok(self.get(&[name]).await?.pop())
    }

    /// The documents that answer a query, in its order. Everything is gathered: a caller that expects much sets a limit.
    pub(super) async fn query(
        &self,
        query: StructuredQuery,
    ) -> Result<Vec<Document>, StoreUnavailable> {
        let request = RunQueryRequest {
            parent: format!("{}/documents", self.database),
            query_type: Some(QueryType::StructuredQuery(query)),
            ..RunQueryRequest::default()
        };
        let mut client = self.connection().await?.client().get();
        let reading = async {
            let stream = client.run_query(request).await?.into_inner();
            stream.try_collect::<Vec<_>>().await
        };
        let answers = self.bounded(reading).await?;
        let documents: Vec<_> = answers
            .into_iter()
            .filter_map(|answer| answer.document)
            .collect();
        // A query that finds nothing costs a read too.
        self.count_read(documents.len().max(1));
        Ok(documents)
    }

    /// What changes in the targets that `requests` add, until the stream breaks. Only its beginning is bounded in time.
    pub(super) async fn listen(
        &self,
        requests: impl Stream<Item = ListenRequest> + Send + 'static,
    ) -> Result<Streaming<ListenResponse>, StoreUnavailable> {
        let mut client = self.connection().await?.client().get();
        let response = self.bounded(client.listen(requests)).await?;
        Ok(response.into_inner())
    }

    /// Documents that were read so far, as Google counts them: also those that were not there.
    pub(super) fn documents_read(&self) -> u64 {
        self.documents_read.load(Ordering::Relaxed)
    }

    pub(super) fn count_read(&self, documents: usize) {
        let documents = u64::try_from(documents).unwrap_or(u64::MAX);
        self.documents_read.fetch_add(documents, Ordering::Relaxed);
    }

    /// `projects/…/databases/…`, as requests name it.
    pub(super) fn database(&self) -> &str {
        &self.database
    }

    async fn connection(&self) -> Result<&FirestoreDb, StoreUnavailable> {
        let connecting = self.connection.get_or_try_init(|| async {
            let connecting = connect(&self.settings, self.home.as_ref());
            match tokio::time::timeout(self.settings.request_timeout, connecting).await {
                Ok(Ok(connection)) => Ok(connection),
                Ok(Err(error)) => Err(StoreUnavailable::new(format!(
                    "can't connect to Firestore: {error}"
                ))),
                Err(_) => Err(StoreUnavailable::new(
                    "connecting to Firestore took too long",
                )),
            }
        });
        connecting.await
    }

    async fn bounded<T>(
        &self,
        calling: impl Future<Output = Result<T, Status>>,
    ) -> Result<T, StoreUnavailable> {
        match tokio::time::timeout(self.settings.request_timeout, calling).await {
            Ok(answer) => answer.map_err(|status| unavailable(&status)),
            Err(_) => Err(StoreUnavailable::new("Firestore took too long to answer")),
        }
    }
}

fn commit_error(status: &Status) -> CommitError {
    match status.code() {
        // A missing database is NotFound too, and that is nothing that reading again would mend. Texts about missing
        // documents have `databases` in them as well, and whatever the document is called.
        Code::NotFound if status.message().starts_with("The database ") => {
            unavailable(status).into()
        }
        Code::AlreadyExists | Code::FailedPrecondition | Code::NotFound => {
            CommitError::Precondition(status.message().to_owned())
        }
        Code::InvalidArgument | Code::OutOfRange => {
            CommitError::Refused(status.message().to_owned())
        }
        _ => unavailable(status).into(),
    }
}

/// What Firestore said, and what would help.
pub(super) fn unavailable(status: &Status) -> StoreUnavailable {
    let remedy = match status.code() {
        Code::PermissionDenied | Code::Unauthenticated => {
            ": grant roles/datastore.user to the service's account"
        }
        Code::NotFound => ": create the database, or name another",
        Code::ResourceExhausted => ": a quota is used up",
        _ => "",
    };
    StoreUnavailable::new(format!(
        "Firestore answered {:?} ({}){remedy}",
        status.code(),
        status.message()
    ))
}
