//! Sends what workflows compose: in an account's name, with its token, or with nothing of ours.

use std::sync::Arc;

use base::Result;
use http::{Request, Response, Uri};

use super::body::Body;
use super::{guard, headers};
use crate::Connect;
use crate::held::Held;

impl Connect {
    /// Sends in an account's name; the request log is told of the address `shown` instead.
    pub(crate) async fn send_shown(
        &self,
        request: Request<Body>,
        held: &Arc<Held>,
        shown: Option<&Uri>,
    ) -> Result<Response<Body>> {
        let mut result = self.send_as(held, request, shown).await;
        if let Ok(answer) = &mut result {
            headers::keep_for_caller(answer.headers_mut());
        }
        self.0.counters.count(&result);
        result
    }

    /// Sends a request that holds an account's token, to its provider's hosts alone.
    pub(crate) async fn send_with_token(
        &self,
        request: Request<Body>,
        account: &Held,
    ) -> Result<Response<Body>> {
        guard::require(&account.provider, &account.variables, request.uri())?;
        let pool = self.0.network.pool(&account.provider, &account.profile)?;
        let result = self.0.network.send(pool, request).await;
        self.0.counters.count(&result);
        result
    }

    /// Sends to a public address, or to one that the operator allows. The answer keeps all of its
    /// headers: there is no browser that they could speak to.
    pub(crate) async fn send_plainly(&self, request: Request<Body>) -> Result<Response<Body>> {
        let result = match guard::require_plain(request.uri()) {
            Ok(()) => self.0.network.send(self.0.network.world(), request).await,
            Err(error) => Err(error),
        };
        self.0.counters.count(&result);
        result
    }
}
