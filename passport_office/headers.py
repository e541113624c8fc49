"""What a browser may do, told with every page. The policy is one for all pages and is written once."""

from typing import Final

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import cached_property

OWN_POLICY: Final = ("_csp_config", "_csp_update", "_csp_replace", "_csp_exempt")


class PolicyMiddleware(CSPMiddleware):
    """As its parent, which would write the policy anew for each answer."""

    @cached_property
    def policy(self) -> str:
        return build_policy()

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if hasattr(request, "_csp_nonce") or any(hasattr(response, name) for name in OWN_POLICY):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.policy)
        return response
