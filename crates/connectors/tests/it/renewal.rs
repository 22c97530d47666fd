//! An app that signs in as itself: its tokens are fetched again, once for any number of callers.

use std::path::Path;

use connectors::Catalogue;

use crate::host::Host;
use crate::outside::Outside;

const TYPED: [(&str, &str); 2] = [("clientId", "their-app"), ("clientSecret", "their-secret")];

#[tokio::test]
async fn client_credentials_bring_a_new_token_once_for_many_callers() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/directory");
    let catalogue = Catalogue::load(Some(&fixtures), &[]).unwrap();
    let provider = &catalogue.get("custom.acmecrm").unwrap().provider;
    let outside = Outside::playing(provider).await;
    let host = Host::with(provider, &outside).await;
    host.types("app", &TYPED).await;
    host.calls("/deals").await;
    outside.seen();

    host.after(3_600);
    tokio::join!(host.calls("/deals"), host.calls("/deals"), host.calls("/deals"));
    let seen = outside.seen();
    let exchanges: Vec<&String> = seen.iter().filter(|one| one.starts_with("POST ")).collect();
    assert_eq!(exchanges.len(), 1, "{seen:#?}");
    assert!(exchanges[0].contains("grant_type=client_credentials"), "{seen:#?}");
    assert!(exchanges[0].contains("client_id=their-app&client_secret=their-secret"), "{seen:#?}");
    assert_eq!(seen.len(), 4);
}

#[tokio::test]
async fn an_app_of_ones_own_renews_its_tokens_and_gives_them_back() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/directory");
    let catalogue = Catalogue::load(Some(&fixtures), &[]).unwrap();
    let provider = &catalogue.get("custom.acmecrm").unwrap().provider;
    let outside = Outside::playing(provider).await;
    let host = Host::with(provider, &outside).await;
    host.signs_in("user-configured-oauth", &TYPED).await;
    outside.seen();

    host.after(3_600);
    host.calls("/deals").await;
    let renewal = &outside.seen()[0];
    assert!(renewal.contains("refresh_token=the-refresh-token"), "{renewal}");
    assert!(renewal.contains("client_id=their-app&client_secret=their-secret"), "{renewal}");

    assert!(host.disconnects().await.revoked_at_provider);
    let revocation = &outside.seen()[0];
    assert!(revocation.starts_with("POST https://login.acme.example/revoke"), "{revocation}");
    assert!(revocation.contains("token=the-refresh-token&client_id=their-app"), "{revocation}");
}
