"""Proofs that run the whole product: scaled out, killed at random, and measured."""
