"""Write requests and audits in the formats of other tools: curl, Python, Excel, HTML, JUnit XML."""
