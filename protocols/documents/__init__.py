"""How a result becomes a document, and a document a result: what ``--json`` prints, and what ``save`` keeps.

Two documents, clearly apart. The printed one (``printed``) is for programs that read the output of ``psn``; its fields are
declared by each class and do not change. The kept one (``kept``) is the whole value, in a file that ``load`` reads back to an
equal one. No result is computed here, and nothing above is imported but by name, when a file asks for it (``kinds``).
"""
