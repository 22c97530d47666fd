//! What new accounts begin with, where the background work has to see to it.

use base::{ConfigurationId, CredentialId, Timestamp};
use server::worker::defaults;
use store::{configurations, credentials};

use crate::app::{TestApp, on_each_engine};
use crate::definitions::with_portal;

/// More than the background work reads at once.
const BROKEN: usize = 101;

impl TestApp {
    /// Adds accounts beside this one, connected before it, whose notes cannot be read.
    async fn has_broken_accounts(&self, beside: CredentialId) {
        let mut tx = self.app.store().begin().await.unwrap();
        let found = credentials::find(&mut tx, self.project_id, beside).await.unwrap().unwrap();
        let own = configurations::list(&mut tx, self.project_id, beside).await.unwrap().remove(0);
        for n in 0..BROKEN {
            let mut credential = found.clone();
            credential.id = CredentialId::new(self.app.clock(), self.app.random());
            credential.external_id = Some(format!("broken {n}"));
            credentials::insert(&mut tx, &credential).await.unwrap();
            let mut configuration = own.clone();
            configuration.id = ConfigurationId::new(self.app.clock(), self.app.random());
            configuration.credential_id = credential.id;
            configuration.created_at = Timestamp(0);
            configurations::insert(&mut tx, &configuration).await.unwrap();
        }
        tx.commit().await.unwrap();
        let broken = "update configurations set metadata = 'broken' where created_at = 0";
        self.database().run(broken).await;
    }
}

#[tokio::test]
async fn accounts_that_cannot_begin_keep_no_other_waiting() {
    on_each_engine(async |test: TestApp| {
        let credential = test.end_user("ann").connects().await;
        let portal = serde_json::json!({ "default_enabled": true });
        let sync = test.manager().deploys(&with_portal("sync", portal)).await;
        let id = sync["id"].as_str().unwrap();
        test.has_broken_accounts(credential["id"].as_str().unwrap().parse().unwrap()).await;
        // The process ended right after it was connected.
        test.database().run("update configurations set awaits_defaults = 1").await;
        test.after(60);
        assert_eq!(test.runners(id).await, 0);
        defaults::tick(test.app.clone()).await.unwrap();
        assert_eq!(test.runners(id).await, 1);
    })
    .await;
}
