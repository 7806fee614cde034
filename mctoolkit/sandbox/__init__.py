"""The sandbox: a Media Collection API on this computer, where nothing can break.

``replies`` decides what is answered, ``app`` takes HTTP in and gives HTTP out, ``protocol`` limits what a
client may send, ``server`` runs it all in a thread or as a command. What is documented of the API is
imitated to the letter; what is ours says so.
"""

from mctoolkit.sandbox.server import Sandbox

__all__ = ["Sandbox"]
