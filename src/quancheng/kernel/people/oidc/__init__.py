"""Signing in through a provider of identities (统一身份认证): OpenID Connect, authorization code with PKCE."""
