use std::collections::BTreeMap;

use base::{CredentialId, Error, Secret};
use connect::InstallOptions;
use store::credentials::Status;

use crate::app::App;

async fn pastes(app: &App, organization: &str, token: &str) -> Result<CredentialId, Error> {
    let fields: BTreeMap<String, Secret<String>> =
        [("organization", organization), ("token", token)]
            .map(|(id, value)| (id.to_owned(), Secret::new(value.to_owned())))
            .into();
    let options =
        InstallOptions { account_type: Some("pat".to_owned()), ..InstallOptions::default() };
    app.connect.connect_with_fields(&app.integration, app.user_id, fields, &options).await
}

fn pat_of(app: &App, person: &str, organization: &str) -> String {
    app.world().directory.person(person).unwrap().pat(organization).unwrap().to_owned()
}

#[tokio::test]
async fn a_personal_access_token_connects_its_organization() {
    let app = App::start().await;
    let token = pat_of(&app, "ann", "acme");
    let id = pastes(&app, "https://dev.azure.com/acme", &token).await.unwrap();
    let credential = app.credential(id).await;
    assert_eq!(credential.status, Status::Valid);
    assert_eq!(credential.provider_data["organization"], "acme");
    assert!(credential.provider_data.get("token").is_none());
    assert_eq!((credential.expires_at, credential.account_type.as_str()), (None, "pat"));
    assert_eq!(app.get("/projects?api-version=5.0").await.unwrap().0, 200);
}

#[tokio::test]
async fn a_wrong_token_stores_nothing_and_says_why() {
    let app = App::start().await;
    let of_acme = pat_of(&app, "ann", "acme");
    for (organization, token, code) in [
        ("acme", "wrong", "credential_refused"),
        ("globex", of_acme.as_str(), "credential_refused"),
        ("nowhere", of_acme.as_str(), "unknown_account"),
        ("acme", "", "missing_field"),
        ("../acme", of_acme.as_str(), "invalid_account_name"),
    ] {
        let error = pastes(&app, organization, token).await.expect_err(organization);
        assert_eq!(error.code(), code, "{organization} {error:?}");
        assert!(!format!("{error:?}").contains(&of_acme));
    }
    assert!(app.credentials().await.is_empty());
}
