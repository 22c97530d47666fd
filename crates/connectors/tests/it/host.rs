//! A host product with one connector in its project, and an end user.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base::{Clock, ConnectedUserId, ProjectId, Random, Secret, Timestamp};
use connect::outbound::body;
use connect::{
    BeginOAuth, Callback, CallbackQuery, Connect, ConnectConfig, Disconnected, InstallOptions,
    MasterKeys, ProfileAddress, Provider, ProxyCall,
};
use connectors::{Action, ActionContext, Effect};
use http::{HeaderMap, Method};
use http_body_util::BodyExt as _;
use serde_json::Value;
use store::Store;
use store::integrations::Integration;
use store::testing::host;
use url::Url;

use crate::outside::Outside;

const ORIGIN: &str = "https://app.example";

pub struct Host {
    clock: Clock,
    connect: Connect,
    project_id: ProjectId,
    user_id: ConnectedUserId,
    integration: Integration,
    _folder: tempfile::TempDir,
}

impl Host {
    /// A project whose own app is registered at the provider. `outside` takes the provider's place.
    pub async fn with(provider: &Arc<Provider>, outside: &Outside) -> Self {
        let (clock, random) = (Clock::test(Timestamp::from_secs(1_790_000_000)), Random::seeded(3));
        let folder = tempfile::tempdir_in("/dev/shm").unwrap();
        let file = folder.path().join("gangway.db");
        let store = Store::open(&format!("sqlite://{}", file.display())).await.unwrap();
        let keys = MasterKeys::random(&random);
        let connect = Connect::new(
            store.clone(),
            clock.clone(),
            random.clone(),
            keys,
            [Arc::clone(provider)],
            config(provider, outside),
        )
        .unwrap();
        let (project_id, user_id, integration) =
            seed(&store, &connect, &clock, &random, provider).await;
        let secret = Secret::new("the-client-secret".to_owned());
        connect.set_client(&integration, "the-client-id", secret.into()).await.unwrap();
        Self { clock, connect, project_id, user_id, integration, _folder: folder }
    }

    /// Begins to sign in; the answer is the provider's page.
    pub async fn opens_popup(&self, account_type: &str, typed: &[(&str, &str)]) -> Url {
        let begin = BeginOAuth {
            integration: &self.integration,
            user_id: self.user_id,
            typed: fields(typed),
            origin: ORIGIN.to_owned(),
            session_key: None,
            options: options(account_type),
            redirect_override: None,
        };
        self.connect.begin_oauth(begin).await.unwrap().parse().unwrap()
    }

    /// Signs in to the end; the answer is the provider's page.
    pub async fn signs_in(&self, account_type: &str, typed: &[(&str, &str)]) -> Url {
        let nonce = self.connect.issue_nonce(&self.integration, self.user_id, ORIGIN);
        let cookie = nonce.await.unwrap();
        let page = self.opens_popup(account_type, typed).await;
        let state = page.query_pairs().find(|(name, _)| name == "state").unwrap().1;
        let query = CallbackQuery {
            code: Some(Secret::new("the-code".to_owned())),
            state: Some(state.into_owned()),
            ..CallbackQuery::default()
        };
        let done = self.connect.finish_oauth(query, Some(&cookie)).await;
        assert!(matches!(done, Callback::Connected { .. }), "{done:?}");
        page
    }

    /// Types what a form asks for.
    pub async fn types(&self, account_type: &str, typed: &[(&str, &str)]) {
        let (fields, options) = (fields(typed), options(account_type));
        // The host's program may type what end users may, and more.
        let connected =
            self.connect.connect_as_manager(&self.integration, self.user_id, fields, &options);
        connected.await.unwrap();
    }

    /// Disconnects the account.
    pub async fn disconnects(&self) -> Disconnected {
        let slug = &self.integration.kind;
        let held = self.connect.load(self.project_id, self.user_id, slug, None).await.unwrap();
        self.connect.disconnect(self.project_id, held.id).await.unwrap()
    }

    /// Time goes by.
    pub fn after(&self, seconds: u64) {
        self.clock.advance(std::time::Duration::from_secs(seconds));
    }

    /// Does an action, whatever comes of it.
    pub async fn does(&self, action: &Action, inputs: &Value) {
        let slug = &self.integration.kind;
        let held = self.connect.load(self.project_id, self.user_id, slug, None).await.unwrap();
        let effect = Effect { mark: "execution-1.step-2".to_owned(), began_at: self.clock.now() };
        let context = ActionContext::new(self.connect.clone(), held).for_effect(effect);
        let _ = action.perform(&context, inputs).await;
    }

    /// Calls the provider through the proxy.
    pub async fn calls(&self, path: &str) {
        let slug = &self.integration.kind;
        let held = self.connect.load(self.project_id, self.user_id, slug, None).await.unwrap();
        let call = ProxyCall {
            method: Method::GET,
            path_and_query: path.to_owned(),
            absolute_url: None,
            account: None,
            own_base: None,
            headers: HeaderMap::new(),
            body: body::empty(),
        };
        let answer = self.connect.proxy(&held, call).await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.into_body().collect().await.unwrap();
    }
}

fn config(provider: &Provider, outside: &Outside) -> ConnectConfig {
    let mut config = ConnectConfig::new("https://gangway.example");
    let profile = &provider.profiles["public"];
    let address = ProfileAddress {
        browser_origin: profile.authorize_origin.clone(),
        socket: outside.socket,
        ca_pem: outside.ca_pem.clone(),
    };
    config.profile_addresses = HashMap::from([("public".to_owned(), address)]);
    config
}

async fn seed(
    store: &Store,
    connect: &Connect,
    clock: &Clock,
    random: &Random,
    provider: &Provider,
) -> (ProjectId, ConnectedUserId, Integration) {
    let project_id = ProjectId::new(clock, random);
    let mut tx = store.begin().await.unwrap();
    let data_key = connect.generate_data_key(&mut tx, project_id).await.unwrap();
    host::add_project(&mut tx, project_id, data_key, &[ORIGIN], clock.now()).await;
    let kind = (provider.slug.as_str(), provider.default_scopes());
    let (user, integration) = host::add_user(&mut tx, (clock, random), project_id, kind).await;
    tx.commit().await.unwrap();
    (project_id, user.id, integration)
}

fn options(account_type: &str) -> InstallOptions {
    InstallOptions { account_type: Some(account_type.to_owned()), ..InstallOptions::default() }
}

fn fields(typed: &[(&str, &str)]) -> BTreeMap<String, Secret<String>> {
    let one = |(name, value): &(&str, &str)| ((*name).to_owned(), Secret::new((*value).to_owned()));
    typed.iter().map(one).collect()
}
