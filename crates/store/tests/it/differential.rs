//! Random sequences of operations run on both engines; what they answer must be the same. The
//! seed is in the failure's message and makes the sequence again.

use base::{Random, Result, Timestamp};
use store::connected_users::ConnectedUser;
use store::credentials::Credential;
use store::integrations::Integration;
use store::projects::Project;
use store::testing::{TestDatabase, engines};
use store::{
    PageRequest, Store, Transaction, app_registrations, changes, configurations, connected_users,
    credentials, integrations, oauth_attempts, projects,
};

use crate::sample::Sample;

const SEEDS: std::ops::Range<u64> = 0..6;
const OPERATIONS: usize = 150;

#[tokio::test]
async fn both_engines_answer_the_same_to_any_sequence_of_operations() {
    for seed in SEEDS {
        let mut answers = Vec::new();
        for engine in engines() {
            let database = TestDatabase::fresh(engine).await;
            let store = Store::open(&database.url).await.unwrap();
            answers.push((engine, run(&store, seed).await));
            store.close().await;
        }
        let (first_engine, first) = &answers[0];
        for (engine, other) in &answers[1..] {
            for (step, (a, b)) in first.iter().zip(other).enumerate() {
                assert_eq!(a, b, "seed {seed}, step {step}: {first_engine:?} and {engine:?}");
            }
        }
    }
}

/// What the sequence has made so far, stored or refused: later operations name it.
struct Known {
    sample: Sample,
    choices: Random,
    projects: Vec<Project>,
    users: Vec<ConnectedUser>,
    integrations: Vec<Integration>,
    credentials: Vec<Credential>,
    clock: i64,
}

async fn run(store: &Store, seed: u64) -> Vec<String> {
    let mut known = Known {
        sample: Sample::seeded(seed),
        choices: Random::seeded(seed ^ u64::MAX),
        projects: Vec::new(),
        users: Vec::new(),
        integrations: Vec::new(),
        credentials: Vec::new(),
        clock: 0,
    };
    for _ in 0..2 {
        let project = known.sample.project();
        known.users.push(known.sample.user(project.id, "ann"));
        known.integrations.push(known.sample.integration(project.id, "a"));
        let credential = known.sample.credential(&known.users[0], &known.integrations[0]);
        known.credentials.push(credential);
        known.projects.push(project);
    }
    let mut answers = Vec::new();
    for _ in 0..OPERATIONS {
        let mut tx = store.begin().await.unwrap();
        let answer = known.operate(&mut tx).await;
        let kept = answer.is_ok() && known.choices.below(8) > 0;
        answers.push(match &answer {
            Ok(text) => format!("{text} kept: {kept}"),
            Err(error) => format!("{:?} {}", error.kind(), error.code()),
        });
        if kept {
            tx.commit().await.unwrap();
        }
    }
    answers
}

impl Known {
    fn index(&self, of: usize) -> usize {
        usize::try_from(self.choices.below(of as u64)).unwrap()
    }

    fn project(&self) -> Project {
        self.projects[self.index(self.projects.len())].clone()
    }

    fn user(&self) -> ConnectedUser {
        self.users[self.index(self.users.len())].clone()
    }

    fn integration(&self) -> Integration {
        self.integrations[self.index(self.integrations.len())].clone()
    }

    fn credential(&self) -> Credential {
        self.credentials[self.index(self.credentials.len())].clone()
    }

    /// One of a few names, so that they clash often. They differ where engines sort differently.
    fn name(&self) -> String {
        ["a", "B", "_", "ä", "", "a-b", "ab", "'; --", "\u{1F600}"][self.index(9)].to_owned()
    }

    fn page(&self) -> PageRequest {
        PageRequest { after: None, limit: u32::try_from(self.choices.below(4)).unwrap() }
    }

    async fn operate(&mut self, tx: &mut Transaction) -> Result<String> {
        self.clock += 1;
        match self.choices.below(4) {
            0 => self.add(tx).await,
            1 => self.change(tx).await,
            2 => self.delete(tx).await,
            _ => self.read(tx).await,
        }
    }

    async fn add(&mut self, tx: &mut Transaction) -> Result<String> {
        match self.choices.below(7) {
            0 => {
                let mut project =
                    if self.choices.below(2) == 0 { self.project() } else { self.sample.project() };
                project.name = self.name();
                self.projects.push(project.clone());
                Ok(format!("{:?}", projects::insert(tx, &project).await?))
            }
            1 => {
                let user = self.sample.user(self.project().id, &self.name());
                self.users.push(user.clone());
                Ok(format!("{:?}", connected_users::ensure(tx, &user).await?))
            }
            2 => {
                let integration = self.sample.integration(self.project().id, &self.name());
                self.integrations.push(integration.clone());
                Ok(format!("{:?}", integrations::insert(tx, &integration).await?))
            }
            3 => {
                let mut credential = self.sample.credential(&self.user(), &self.integration());
                credential.external_id = Some(self.name()).filter(|name| !name.is_empty());
                self.credentials.push(credential.clone());
                Ok(format!("{:?}", credentials::insert(tx, &credential).await?))
            }
            4 => {
                let mut configuration = self.sample.configuration(&self.credential());
                configuration.external_id = Some(self.name());
                configuration.is_default = self.choices.below(2) == 0;
                Ok(format!("{:?}", configurations::insert(tx, &configuration).await?))
            }
            5 => {
                let registration = self.sample.registration(&self.integration());
                Ok(format!("{:?}", app_registrations::insert(tx, &registration).await?))
            }
            _ => {
                let attempt = self.sample.attempt(&self.user(), &self.integration());
                Ok(format!("{:?}", oauth_attempts::insert(tx, &attempt).await?))
            }
        }
    }

    async fn change(&mut self, tx: &mut Transaction) -> Result<String> {
        let now = Timestamp(self.clock);
        match self.choices.below(5) {
            0 => {
                let mut credential = self.credential();
                credential.external_id = Some(self.name());
                credential.expires_at = None;
                Ok(format!("{:?}", credentials::update(tx, &credential).await?))
            }
            1 => {
                let mut user = self.user();
                user.disabled_at = Some(now);
                Ok(format!("{:?}", connected_users::update(tx, &user).await?))
            }
            2 => {
                let (project, integration) = (self.project().id, self.integration().id);
                let done = app_registrations::replace_current(tx, project, integration, now);
                Ok(format!("{:?}", done.await?))
            }
            3 => {
                let mut integration = self.integration();
                integration.is_active = false;
                Ok(format!("{:?}", integrations::update(tx, &integration).await?))
            }
            _ => {
                let (project, kind) = (self.project().id, changes::Kind::Project);
                Ok(format!("{:?}", changes::note(tx, project, kind, self.name(), now).await?))
            }
        }
    }

    async fn delete(&mut self, tx: &mut Transaction) -> Result<String> {
        let project = self.project().id;
        match self.choices.below(16) {
            0 => Ok(format!("{:?}", projects::delete(tx, project).await?)),
            1 => Ok(format!("{:?}", connected_users::delete(tx, project, self.user().id).await?)),
            2 => {
                let integration = self.integration().id;
                Ok(format!("{:?}", integrations::delete(tx, project, integration).await?))
            }
            3..6 => {
                let (project, integration) = (self.integration().project_id, self.integration().id);
                Ok(format!(
                    "{:?}",
                    app_registrations::delete_unused(tx, project, integration).await?
                ))
            }
            6..9 => {
                let time = Timestamp(self.clock - 20);
                Ok(format!("{:?}", changes::delete_before(tx, time).await?))
            }
            _ => {
                let credential = self.credential();
                let (project, id) = (credential.project_id, credential.id);
                Ok(format!("{:?}", credentials::delete(tx, project, id).await?))
            }
        }
    }

    async fn read(&mut self, tx: &mut Transaction) -> Result<String> {
        let (project, page) = (self.project().id, self.page());
        match self.choices.below(8) {
            0 => Ok(format!("{:?}", projects::list(tx, &page).await?)),
            1 => Ok(format!("{:?}", connected_users::list(tx, project, &page).await?)),
            2 => Ok(format!("{:?}", credentials::list(tx, project, &page).await?)),
            3 => Ok(format!("{:?}", integrations::list(tx, project).await?)),
            4 => {
                let user = self.user();
                let (project, id) = (user.project_id, user.id);
                Ok(format!("{:?}", credentials::list_of_user(tx, project, id).await?))
            }
            5 => {
                let credential = self.credential();
                let (project, id) = (credential.project_id, credential.id);
                Ok(format!("{:?}", configurations::list(tx, project, id).await?))
            }
            6 => {
                let integration = self.integration();
                let (project, id) = (integration.project_id, integration.id);
                Ok(format!("{:?}", app_registrations::find_current(tx, project, id).await?))
            }
            _ => Ok(format!("{:?}", changes::after(tx, self.clock / 20).await?)),
        }
    }
}
