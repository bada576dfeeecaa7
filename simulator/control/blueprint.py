"""The blueprint all controls share."""

from flask import Blueprint

control = Blueprint("control", __name__, url_prefix="/control")
