"""The sandbox: a local server that imitates the Media Collection API.

``responses`` builds the responses, ``handlers`` and ``app`` process requests, ``protocol`` limits what a client can
send, and ``server`` runs the application in a thread. Documented behaviour is imitated exactly; everything else is
marked as the sandbox's own.
"""

from mctoolkit.sandbox.server import Sandbox

__all__ = ["Sandbox"]
